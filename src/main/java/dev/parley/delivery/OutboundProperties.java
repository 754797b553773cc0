package dev.parley.delivery;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * How much may wait for slow readers.
 *
 * @param limit bytes that may wait for one connection before it is closed with 4001; half of it is
 *     the soft limit that paces replay. At least 4 × {@code parley.websocket.max-message-bytes}, or
 *     the start fails.
 * @param total bytes that may wait for all slow connections of the instance; above it those with
 *     the largest backlog are closed with 4001. Default: a quarter of the JVM's direct memory.
 */
@ConfigurationProperties("parley.outbound")
public record OutboundProperties(@DefaultValue("1MB") DataSize limit, @Nullable DataSize total) {

  /** The bound in bytes, the default worked out. */
  public long totalBytes() {
    // Without -XX:MaxDirectMemorySize the JVM allows as much direct memory as heap.
    return total != null ? total.toBytes() : Runtime.getRuntime().maxMemory() / 4;
  }
}
