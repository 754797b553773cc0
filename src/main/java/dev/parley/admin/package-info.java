/**
 * REST for operators: rooms, users, connections and instances across the whole cluster, and its
 * description as OpenAPI. Instances know each other by what they announce on the broker's control
 * bus, and a command is asked of all of them at once; whoever does not answer in time is named, not
 * waited for. May use everything below it; nothing uses it.
 */
@NullMarked
package dev.parley.admin;

import org.jspecify.annotations.NullMarked;
