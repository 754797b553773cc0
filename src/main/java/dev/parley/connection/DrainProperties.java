package dev.parley.connection;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How an instance is emptied.
 *
 * @param window over which its connections are ended one after the other, 0 to 10 min; 0: all at
 *     once
 */
@ConfigurationProperties("parley.drain")
public record DrainProperties(@DefaultValue("20s") Duration window) {

  /**
   * @throws IllegalArgumentException if a value is out of its range
   */
  public DrainProperties {
    if (window.isNegative() || window.toMillis() > Duration.ofMinutes(10).toMillis()) {
      throw new IllegalArgumentException("parley.drain.window must be from 0s to 10m");
    }
  }
}
