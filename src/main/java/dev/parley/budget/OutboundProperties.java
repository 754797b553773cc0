package dev.parley.budget;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.management.ManagementFactory;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * How much may wait for slow readers.
 *
 * @param limit bytes that may wait for one connection before it is closed with 4001; half of it is
 *     the soft limit that paces replay. At least 4 × {@code parley.websocket.max-message-bytes}, or
 *     the start fails
 * @param total bytes that may wait for all slow connections of the instance, at least {@code
 *     limit}; above it each lane closes its connection with the largest backlog with 4001. Default:
 *     a quarter of the JVM's direct memory ({@code -XX:MaxDirectMemorySize}, or the maximal heap)
 */
@ConfigurationProperties("parley.outbound")
public record OutboundProperties(@DefaultValue("1MB") DataSize limit, @Nullable DataSize total) {

  /**
   * @throws IllegalArgumentException if a bound is not positive, or the total below that of one
   *     connection
   */
  public OutboundProperties {
    if (limit.toBytes() <= 0) {
      throw new IllegalArgumentException("parley.outbound.limit must be positive");
    }
    if (total != null && total.toBytes() < limit.toBytes()) {
      throw new IllegalArgumentException(
          "parley.outbound.total must be at least parley.outbound.limit");
    }
  }

  /** The total in bytes, the default worked out. */
  long totalBytes() {
    return total != null ? total.toBytes() : Math.max(limit.toBytes(), maxDirectMemory() / 4);
  }

  private static long maxDirectMemory() {
    long configured =
        Long.parseLong(
            ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
                .getVMOption("MaxDirectMemorySize")
                .getValue());
    // 0: not set, and the JVM allows as much as heap.
    return configured > 0 ? configured : Runtime.getRuntime().maxMemory();
  }
}
