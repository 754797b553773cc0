package dev.parley.access;

import jakarta.validation.constraints.AssertTrue;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;
import org.springframework.validation.annotation.Validated;

/**
 * How much of a room's log is kept for those who come back, unless the room's {@linkplain
 * PolicyProperties policy} says otherwise. Whichever limit is reached first holds; what is beyond
 * it is gone, and whoever asks for it is told ({@code recovered: false}, {@code gap}).
 *
 * @param size messages kept in each room, 0–1,000,000, default 1,000; the oldest gives way. 0:
 *     none, and {@code history} is answered with {@code history_unavailable}. The broker needs
 *     about 100 bytes for each beside its own; the embedded broker keeps fewer where {@code
 *     parley.budget.log} is used up
 * @param retention how long a message is kept, 1 s–365 d, default 24 h. A room that nobody uses for
 *     twice as long, and for 7 days at least, is forgotten whole
 * @param bytes of the messages kept in each room, 1 KB–1 GB, default 4 MB; the oldest gives way
 */
@Validated
@ConfigurationProperties("parley.history")
public record HistoryProperties(
    @DefaultValue("1000") @Min(0) @Max(MOST_MESSAGES) int size,
    @DefaultValue("24h") Duration retention,
    @DefaultValue("4MB") DataSize bytes) {
  static final int MOST_MESSAGES = 1_000_000;
  private static final Duration SHORTEST = Duration.ofSeconds(1);
  private static final Duration LONGEST = Duration.ofDays(365);
  private static final DataSize LEAST = DataSize.ofKilobytes(1);
  private static final DataSize MOST = DataSize.ofGigabytes(1);

  @AssertTrue(message = "parley.history.retention must be between 1s and 365d")
  boolean isRetentionInRange() {
    return isRetention(retention);
  }

  @AssertTrue(message = "parley.history.bytes must be between 1KB and 1GB")
  boolean isBytesInRange() {
    return isBytes(bytes);
  }

  static boolean isRetention(Duration retention) {
    return retention.compareTo(SHORTEST) >= 0 && retention.compareTo(LONGEST) <= 0;
  }

  static boolean isBytes(DataSize bytes) {
    return bytes.compareTo(LEAST) >= 0 && bytes.compareTo(MOST) <= 0;
  }

  RoomHistory resolved() {
    return new RoomHistory(size, retention, bytes.toBytes());
  }
}
