package dev.parley.websocket;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * The lanes of the instance.
 *
 * @param lanes how many threads read, deliver and write, 1 to 64; default half of the processors,
 *     at least 1
 */
@ConfigurationProperties("parley")
public record LaneProperties(@Nullable Integer lanes) {

  /**
   * @throws IllegalArgumentException if it is out of range
   */
  public LaneProperties {
    if (lanes != null && (lanes < 1 || lanes > 64)) {
      throw new IllegalArgumentException("parley.lanes must be from 1 to 64");
    }
  }

  int count() {
    return lanes != null ? lanes : Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
  }
}
