/**
 * What clients, rooms and Redis can make an instance hold, counted in bytes: one budget for each
 * kind, and inside of it a share for each user. Every package that holds memory on somebody's
 * behalf counts it here. Uses no other package.
 */
@NullMarked
package dev.parley.budget;

import org.jspecify.annotations.NullMarked;
