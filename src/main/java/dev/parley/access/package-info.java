/**
 * Who may do what, and how much: identities, permissions, room policies and rate limits. Asked by
 * {@code room} for every join, publish and read. May use {@code protocol} and {@code budget};
 * {@code access.token} makes identities of tokens, and {@code security} asks both for each request.
 */
@NullMarked
package dev.parley.access;

import org.jspecify.annotations.NullMarked;
