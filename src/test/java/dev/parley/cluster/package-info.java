/**
 * What instances promise together: processes of the jar on one Redis, real clients, and the faults
 * that networks and servers have.
 */
@NullMarked
package dev.parley.cluster;

import org.jspecify.annotations.NullMarked;
