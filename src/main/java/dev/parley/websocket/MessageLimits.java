package dev.parley.websocket;

import dev.parley.access.MessageRateLimiter;
import java.time.Duration;

/**
 * What one peer may send; one object for all connections.
 *
 * @param maxBytes of a message
 * @param timeout for a message, from its first bytes to its last
 * @param frames how many frames that are no message by themselves
 */
record MessageLimits(long maxBytes, Duration timeout, FrameAllowance.Rate frames) {

  MessageLimits(long maxBytes, Duration timeout, MessageRateLimiter.Rate messages) {
    this(maxBytes, timeout, FrameAllowance.Rate.of(messages));
  }
}
