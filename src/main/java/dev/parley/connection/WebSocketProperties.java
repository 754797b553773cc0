package dev.parley.connection;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * The WebSocket endpoints.
 *
 * @param maxMessageBytes of one message over all its fragments, 1 KB to 64 MB; above it the
 *     connection is closed with 1009
 * @param heartbeat between two pings of the server, 1 s to 10 min; a connection that gave no sign
 *     of life from one to the next is closed with 4000
 * @param messageTimeout from the first bytes of a message to its last, 1 s to 10 min, and a second
 *     more for each KB that has come; beyond it the connection is closed with 4001
 * @param compression permessage-deflate; not built, so that true fails the start
 */
@ConfigurationProperties("parley.websocket")
public record WebSocketProperties(
    @DefaultValue("64KB") DataSize maxMessageBytes,
    @DefaultValue("25s") Duration heartbeat,
    @DefaultValue("30s") Duration messageTimeout,
    @DefaultValue("false") boolean compression) {

  /**
   * @throws IllegalArgumentException if a value is out of its range
   */
  public WebSocketProperties {
    require(
        maxMessageBytes.toBytes() >= 1_024 && maxMessageBytes.toMegabytes() <= 64,
        "parley.websocket.max-message-bytes must be from 1KB to 64MB");
    require(
        heartbeat.toMillis() >= 1_000 && heartbeat.toMinutes() <= 10,
        "parley.websocket.heartbeat must be from 1s to 10m");
    require(
        messageTimeout.toMillis() >= 1_000 && messageTimeout.toMinutes() <= 10,
        "parley.websocket.message-timeout must be from 1s to 10m");
    require(!compression, "parley.websocket.compression is not built: leave it false");
  }

  private static void require(boolean holds, String sentence) {
    if (!holds) {
      throw new IllegalArgumentException(sentence);
    }
  }
}
