package dev.parley.admin.openapi;

import dev.parley.admin.Paging;
import dev.parley.admin.cluster.ConnectionName;
import dev.parley.admin.cluster.InstanceName;
import dev.parley.protocol.RoomName;
import dev.parley.protocol.UserId;
import io.swagger.v3.oas.models.media.Schema;
import java.math.BigDecimal;
import java.util.Set;

/**
 * What the names in requests and answers mean, with units and ranges: one meaning for a name
 * wherever it stands, as parameter or as field.
 */
final class FieldDescriptions {
  static final long MAX_SAFE = (1L << 53) - 1;

  private static final String NAME = "[A-Za-z0-9._:~@|+=-]";
  private static final String CURSOR = "^[A-Za-z0-9_-]{1,512}$";

  private FieldDescriptions() {}

  /** Gives the schema of what is called so its meaning; leaves it as it is where it has none. */
  static void describe(String name, Schema<?> schema) {
    switch (name) {
      case "room" -> name(schema, "A room's name", RoomName.MAX_LENGTH);
      case "user" -> name(schema, "A user's id, the subject of its tokens", UserId.MAX_LENGTH);
      case "instance" ->
          text(schema, "An instance's id: new at each start", "^" + InstanceName.PATTERN + "$");
      case "connection" ->
          text(
              schema,
              "A connection's id: its instance's, a colon, and its number there",
              "^" + ConnectionName.PATTERN + "$");
      case "limit" -> {
        number(schema, "Maximum number of entries", 1, Paging.MAX_LIMIT);
        schema.setDefault(Paging.DEFAULT_LIMIT);
      }
      case "cursor" -> text(schema, "`next` of the page before", CURSOR);
      case "next" -> text(schema, "`cursor` of the next page; absent on the last", CURSOR);
      case "before" -> number(schema, "Only messages below this offset", 0, MAX_SAFE);
      case "after" -> number(schema, "Only messages above this offset", 0, MAX_SAFE);
      case "offset" -> number(schema, "A message's number in its room; 0: none yet", 0, MAX_SAFE);
      case "Idempotency-Key" ->
          text(
              schema,
              "The message's id, unique per room and publisher: the same request again within 5"
                  + " minutes changes nothing and answers the first result",
              "^[!-~]{1,64}$");
      case "epoch" -> schema.setDescription("Belongs to the offset; opaque");
      case "timestamp" ->
          count(schema, "Unix milliseconds, clock of the instance that took the message");
      case "since" ->
          count(schema, "Unix milliseconds: when the connection was opened, or the user came");
      case "started" -> count(schema, "Unix milliseconds");
      case "uptimeSeconds" -> count(schema, "Seconds since the start");
      case "duplicate" ->
          schema.setDescription("True if the key was known already, and this is the first result");
      case "silent" ->
          schema.setDescription(
              "Instances that did not answer within 2 s: this answer contains nothing of them, and what"
                  + " they did is unknown");
      case "state" -> {
        schema.setDescription("`drained`: has closed all connections and may be stopped");
        describeStates(schema);
      }
      case "version" -> schema.setDescription("Parley's version");
      case "host" -> schema.setDescription("Host name, in lower case");
      case "username" -> schema.setDescription("Display name");
      case "guest" -> schema.setDescription("Admitted without a token");
      case "transport" -> schema.setDescription("`websocket`, `raw` or `echo`");
      case "transports" -> schema.setDescription("How many connections each transport carries");
      case "states" -> schema.setDescription("How many instances are in each state");
      case "address" ->
          schema.setDescription("Of the client, as far as proxies in between are trusted");
      case "agent" ->
          schema.setDescription("What the client calls itself, shortened if it is long");
      case "subprotocol" -> schema.setDescription("Of the WebSocket; absent in plain mode");
      case "messagesIn" -> count(schema, "Messages that the client has sent");
      case "messagesPerSecond" ->
          schema.setDescription("`messagesIn` over the connection's age in seconds");
      case "outboundBytes" -> count(schema, "Bytes that wait for the client now");
      case "roundTripMillis" ->
          schema.setDescription("Milliseconds of the last answered ping; absent before it");
      case "members" -> {
        if (!isArray(schema)) {
          count(schema, "Distinct users in the room, on all instances");
        }
      }
      case "connections" -> {
        if (!isArray(schema)) {
          count(schema, "How many connections");
        }
      }
      case "instances" -> {
        if (!isArray(schema)) {
          count(schema, "How many instances");
        }
      }
      case "rooms" -> {
        if (isArray(schema)) {
          schema.setDescription("By name");
        } else {
          count(schema, "Rooms that are open on this instance");
        }
      }
      case "roomsOpen" ->
          count(schema, "Open rooms; a room counts once for each instance that has it open");
      case "brokerAvailable" -> schema.setDescription("Whether the broker accepts messages");
      case "lane" -> count(schema, "Lanes count from 0");
      case "queued" -> count(schema, "Tasks that wait for the lane's next turn");
      case "lagMicros", "lagMicrosMax" ->
          count(schema, "Microseconds that a task waited for its lane just now");
      case "delivered" -> count(schema, "Messages sent to members, since the start");
      case "frames" -> count(schema, "Frames written, since the start");
      case "bytesSent" -> count(schema, "Bytes written, since the start");
      case "bytesReceived" -> count(schema, "Bytes of payload read, since the start");
      case "published" -> count(schema, "Messages that the broker accepted, since the start");
      case "rateLimited" -> count(schema, "Frames and requests refused because of their rate");
      case "code" -> schema.setDescription("Error code, see docs/PROTOCOL.md");
      case "error" -> schema.setDescription("For people");
      case "path" ->
          schema.setDescription("JSON Pointer (RFC 6901) of the message, or its room, in the body");
      case "retryAfterMs" -> count(schema, "Milliseconds after which the same may be accepted");
      case "more" -> schema.setDescription("Whether there are more that are not listed");
      default -> {
        // Named well enough, or described where it is declared.
      }
    }
  }

  private static void describeStates(Schema<?> schema) {
    schema.setPattern("^(up|draining|drained)$");
  }

  private static void name(Schema<?> schema, String description, int maxLength) {
    text(schema, description, "^" + NAME + "{1," + maxLength + "}$");
  }

  private static void text(Schema<?> schema, String description, String pattern) {
    schema.setDescription(description);
    schema.setPattern(pattern);
  }

  private static void count(Schema<?> schema, String description) {
    number(schema, description, 0, MAX_SAFE);
  }

  private static void number(Schema<?> schema, String description, long min, long max) {
    schema.setTypes(Set.of("integer"));
    schema.setFormat("int64");
    schema.setDescription(description);
    schema.setMinimum(BigDecimal.valueOf(min));
    schema.setMaximum(BigDecimal.valueOf(max));
  }

  private static boolean isArray(Schema<?> schema) {
    return schema.getItems() != null;
  }
}
