/**
 * The log and the bus behind the rooms: {@link dev.parley.broker.Broker} with its guarantees, kept
 * in memory (embedded) or on Redis. Used by {@code room} and {@code access}; knows nothing of
 * connections, members or lanes beyond the executor that it calls back on. May use {@code protocol}
 * only.
 */
@NullMarked
package dev.parley.broker;

import org.jspecify.annotations.NullMarked;
