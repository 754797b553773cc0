package dev.parley.access.token;

import org.springframework.security.core.AuthenticationException;

/**
 * A token that does not count. The message is for the client and holds nothing of the token, but
 * for the part of a verified token's claim that is malformed.
 */
public final class InvalidTokenException extends AuthenticationException {

  InvalidTokenException(String message) {
    super(message);
  }
}
