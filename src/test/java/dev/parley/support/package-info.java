/**
 * What tests of several packages share: the service in this JVM or as a process of the jar, the
 * WebSocket client, plain HTTP, tokens, Redis, and the proxy between any two of them. What only one
 * package needs stays there.
 */
@NullMarked
package dev.parley.support;

import org.jspecify.annotations.NullMarked;
