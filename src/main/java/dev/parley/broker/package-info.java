/**
 * The contract of the log and the bus behind the rooms: {@link dev.parley.broker.Broker} with its
 * guarantees, and the values that it carries. It is kept in memory by {@code broker.embedded} and
 * on Redis by {@code broker.redis}. Used by {@code room} and those above it; knows nothing of
 * connections, members or lanes beyond the executor that it calls back on. May use {@code
 * protocol}, {@code budget} and {@code readiness}.
 */
@NullMarked
package dev.parley.broker;

import org.jspecify.annotations.NullMarked;
