package dev.parley.broker;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Presence in rooms.
 *
 * @param grace how long a user whose connection ended may be away before the room is told that it
 *     left; 0 tells at once
 */
@ConfigurationProperties("parley.presence")
public record PresenceProperties(@DefaultValue("5s") Duration grace) {

  /**
   * @throws IllegalArgumentException for a negative time
   */
  public PresenceProperties {
    if (grace.isNegative()) {
      throw new IllegalArgumentException("parley.presence.grace must not be negative");
    }
  }
}
