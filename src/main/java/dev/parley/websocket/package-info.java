/**
 * WebSocket over Jetty: Spring's handshake interceptors on top, below it the lean upgrade, the
 * lanes that are Jetty's selectors, the only writer of each socket, and the two endpoints without
 * envelope, {@code /raw/{room}} and {@code /echo}. May use {@code connection} and what is below it.
 */
@NullMarked
package dev.parley.websocket;

import org.jspecify.annotations.NullMarked;
