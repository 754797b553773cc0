/**
 * Whether this instance can do its work, and what operators are told while it cannot: in the log,
 * in the details of its health, and by its readiness. Used by everything that depends on something
 * outside of the instance; uses no other package.
 */
@NullMarked
package dev.parley.readiness;

import org.jspecify.annotations.NullMarked;
