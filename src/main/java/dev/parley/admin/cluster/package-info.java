/**
 * How an instance asks all others and acts on all of them: instances announce themselves on the
 * broker's control bus, commands go to every one at once, and answers are gathered for 2 s. Used by
 * the endpoints in {@code admin}.
 */
@NullMarked
package dev.parley.admin.cluster;

import org.jspecify.annotations.NullMarked;
