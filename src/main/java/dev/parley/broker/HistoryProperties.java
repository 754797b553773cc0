package dev.parley.broker;

import jakarta.validation.constraints.AssertTrue;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * How much of a room's log is kept for those who come back. Whichever limit is reached first holds;
 * what is beyond it is gone, and whoever asks for it is told ({@code recovered: false}, {@code
 * gap}).
 *
 * @param size messages kept in each room, 0–1,000,000, default 1,000; the oldest gives way. Memory
 *     of the broker: about the messages' own size plus 100 bytes each; the embedded broker keeps
 *     fewer if {@code parley.budget.log} is used up
 * @param retention how long a message is kept, 1 s–365 d, default 24 h. A room that nobody uses for
 *     twice as long, and for 7 days at least, is forgotten whole
 */
@Validated
@ConfigurationProperties("parley.history")
public record HistoryProperties(
    @DefaultValue("1000") @Min(0) @Max(1_000_000) int size,
    @DefaultValue("24h") Duration retention) {
  private static final Duration SHORTEST = Duration.ofSeconds(1);
  private static final Duration LONGEST = Duration.ofDays(365);
  private static final Duration IDLE_AT_LEAST = Duration.ofDays(7);

  @AssertTrue(message = "parley.history.retention must be between 1s and 365d")
  boolean isRetentionInRange() {
    return retention.compareTo(SHORTEST) >= 0 && retention.compareTo(LONGEST) <= 0;
  }

  /** After this long without use a room is forgotten. */
  public Duration idle() {
    Duration twice = retention.multipliedBy(2);
    return twice.compareTo(IDLE_AT_LEAST) > 0 ? twice : IDLE_AT_LEAST;
  }
}
