/**
 * The broker of any number of instances on one Redis: a log for each room, written by the Lua
 * scripts that are resources of this package, and a bus of Pub/Sub. Nothing outside this package
 * uses it; Spring makes it if {@code parley.broker} is {@code redis}.
 */
@NullMarked
package dev.parley.broker.redis;

import org.jspecify.annotations.NullMarked;
