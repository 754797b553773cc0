/**
 * REST for operators: rooms, users, connections and instances across the whole cluster. {@code
 * admin.cluster} asks all instances, {@code admin.openapi} describes REST as a whole. May use
 * everything below it; nothing uses it.
 */
@NullMarked
package dev.parley.admin;

import org.jspecify.annotations.NullMarked;
