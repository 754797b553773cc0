package dev.parley.admin.cluster;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What an instance answers to a {@link Command}: about itself and its own connections only. */
public final class Results {
  private Results() {}

  /**
   * @param connections that it befell
   */
  public record Done(int connections) {}

  /**
   * @param connections in the room on this instance
   * @param members distinct users in the room, on all instances
   */
  public record RoomReport(String room, int connections, int members, String epoch, long offset) {}

  /**
   * @param more whether there are others behind the last
   */
  public record RoomPage(List<RoomReport> rooms, boolean more) {}

  /**
   * A connection as its instance sees it.
   *
   * @param since Unix milliseconds
   * @param messagesIn that the client has sent
   * @param messagesPerSecond the same over the connection's age
   * @param outboundBytes that wait for the client now
   * @param roundTripMillis of the last heartbeat; null before it
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record ConnectionReport(
      String connection,
      String instance,
      String user,
      String username,
      boolean guest,
      String transport,
      @Nullable String address,
      @Nullable String agent,
      @Nullable String subprotocol,
      long since,
      List<String> rooms,
      long messagesIn,
      double messagesPerSecond,
      long outboundBytes,
      @Nullable Double roundTripMillis) {}

  /**
   * @param more whether there may be others behind the last
   */
  public record ConnectionPage(List<ConnectionReport> connections, boolean more) {}

  /** A connection, if there is one of that number. */
  public record Found(@Nullable ConnectionReport connection) {}

  /**
   * What one lane does; totals count from the start of the instance.
   *
   * @param queued tasks that wait for its next turn
   * @param lagMicros how long a task waited just now
   */
  public record LaneReport(
      int lane, int queued, long lagMicros, long delivered, long frames, long bytesSent) {}

  /**
   * How an instance is; totals count from its start.
   *
   * @param started Unix milliseconds
   * @param transports how many connections each of them carries
   * @param rooms open on this instance
   */
  public record InstanceReport(
      String instance,
      String host,
      String version,
      long started,
      long uptimeSeconds,
      String state,
      boolean brokerAvailable,
      int connections,
      Map<String, Integer> transports,
      int rooms,
      List<LaneReport> lanes,
      long bytesReceived,
      long published,
      long rateLimited) {}
}
