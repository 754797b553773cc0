/**
 * Plain HTTP: the REST endpoints for users, the handshake's verdict for browsers that cannot read a
 * refused upgrade, the pages and tokens of profile {@code dev}, and what keeps clients that are
 * slow over HTTP from holding threads, sockets or memory. May use {@code connection} and what is
 * below it.
 */
@NullMarked
package dev.parley.http;

import org.jspecify.annotations.NullMarked;
