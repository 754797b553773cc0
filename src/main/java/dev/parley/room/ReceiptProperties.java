package dev.parley.room;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Read receipts.
 *
 * @param window how long a room collects marks that move before its members are told of them in one
 *     frame, 0–10 s; 0 tells at once
 */
@ConfigurationProperties("parley.receipts")
public record ReceiptProperties(@DefaultValue("200ms") Duration window) {
  private static final Duration LONGEST = Duration.ofSeconds(10);

  /**
   * @throws IllegalArgumentException for a time out of the range
   */
  public ReceiptProperties {
    if (window.isNegative() || window.compareTo(LONGEST) > 0) {
      throw new IllegalArgumentException("parley.receipts.window must be between 0s and 10s");
    }
  }
}
