/**
 * Attacks on a process of the jar with the memory of a container of 512 MB, the limits that are the
 * default, and ordinary tokens. Beside each of them honest clients are served as if nothing were
 * the matter. docs/SECURITY.md lists the attacks.
 */
@NullMarked
package dev.parley.attack;

import org.jspecify.annotations.NullMarked;
