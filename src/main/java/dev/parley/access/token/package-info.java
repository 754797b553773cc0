/**
 * What makes an identity of a JWT: keys, key servers, claims, and the tokens of profile {@code
 * dev}. Used by {@code security}, and by the endpoint that hands out development tokens.
 */
@NullMarked
package dev.parley.access.token;

import org.jspecify.annotations.NullMarked;
