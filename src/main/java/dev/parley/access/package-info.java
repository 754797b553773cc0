/**
 * Who may, and how much: tokens, origins, room policies, rate limits, the security chains. Asked by
 * {@code room} for every join, publish and read, and by {@code websocket} and {@code http} at the
 * door. May use {@code protocol} and {@code broker}.
 */
@NullMarked
package dev.parley.access;

import org.jspecify.annotations.NullMarked;
