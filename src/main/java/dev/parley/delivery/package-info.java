/**
 * How bytes leave: lanes, batches of frames shared by everyone who is due the same ones, and the
 * accounting that keeps a slow reader from hurting anybody else. Knows an {@link
 * dev.parley.delivery.Outbound}, not a WebSocket. May use {@code budget} and {@code protocol}.
 */
@NullMarked
package dev.parley.delivery;

import org.jspecify.annotations.NullMarked;
