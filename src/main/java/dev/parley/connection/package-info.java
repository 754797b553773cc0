/**
 * What every transport shares: a connection's identity, the dispatch of its client frames, its
 * limits, heartbeat and deadlines. Transports ({@code websocket}, {@code http}) create connections
 * and feed them; rooms answer them. May use {@code room} and what is below it.
 */
@NullMarked
package dev.parley.connection;

import org.jspecify.annotations.NullMarked;
