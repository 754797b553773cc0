package dev.parley.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.support.ParleyService;
import dev.parley.support.Received;
import dev.parley.support.TestClient;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** docs/PROTOCOL.md: message, signal, ping, history and binary frames. */
@Tag("service")
@ParameterizedClass(name = "{0} lanes")
@ValueSource(ints = {1, 3})
@Timeout(120)
class MessageTests {
  private final ParleyService service;
  private final String room = ParleyService.unique("message");

  MessageTests(int lanes) {
    service = ParleyService.withLanes(lanes);
  }

  @Test
  void everybodyInTheRoomGetsTheMessageAndItsSenderToo() {
    try (TestClient ann = service.user("ann");
        TestClient ben = service.user("ben")) {
      ann.join(room);
      ben.join(room);
      ann.send(
          """
          {"type":"message","room":"%s","id":"i1","name":"order.created","key":"k",
           "content":{"a" : [1, "b  c"]}}\
          """
              .formatted(room));
      for (TestClient each : List.of(ann, ben)) {
        JsonNode message = each.next("message");
        assertThat(message.path("room").asString()).isEqualTo(room);
        assertThat(message.path("offset").asLong()).isEqualTo(1);
        assertThat(message.path("id").asString()).isEqualTo("i1");
        assertThat(message.path("name").asString()).isEqualTo("order.created");
        assertThat(message.path("key").asString()).isEqualTo("k");
        assertThat(message.path("user").asString()).isEqualTo("ann");
        assertThat(message.path("username").asString()).isEqualTo("Name of ann");
        assertThat(message.path("content")).hasToString("{\"a\":[1,\"b  c\"]}");
        assertThat(message.path("timestamp").asLong())
            .isBetween(System.currentTimeMillis() - 60_000, System.currentTimeMillis());
      }
    }
  }

  @Test
  void ackComesForAnIdOrARefOnly() {
    try (TestClient ann = service.guest()) {
      ann.join(room);
      ann.publish(room, "neither");
      ann.send("{\"type\":\"message\",\"room\":\"" + room + "\",\"id\":\"i\",\"content\":1}");
      JsonNode ack = ann.next("ack");
      assertThat(ack.path("id").asString()).isEqualTo("i");
      assertThat(ack.has("ref")).isFalse();
      assertThat(ack.path("offset").asLong()).isEqualTo(2);
      assertThat(ack.has("duplicate")).isFalse();
      assertThat(ann.publishAcked(room, "x").path("offset").asLong()).isEqualTo(3);
      ann.untilPong();
      assertThat(ann.all("ack")).hasSize(2);
    }
  }

  @Test
  void sameIdAndContentIsADuplicateOtherContentAConflict() {
    String first = "{\"type\":\"message\",\"room\":\"" + room + "\",\"id\":\"i\",\"content\":\"a\"";
    try (TestClient ann = service.user("ann");
        TestClient tab = service.user("ann");
        TestClient ben = service.user("ben")) {
      ann.join(room);
      tab.join(room);
      ben.join(room);
      ann.send(first + "}");
      JsonNode ack = ann.next("ack");
      tab.send(first + ",\"ref\":\"again\"}");
      JsonNode again = tab.next("ack");
      assertThat(again.path("duplicate").asBoolean()).isTrue();
      assertThat(again.path("ref").asString()).isEqualTo("again");
      assertThat(again.path("offset").asLong()).isEqualTo(ack.path("offset").asLong());
      assertThat(again.path("timestamp").asLong()).isEqualTo(ack.path("timestamp").asLong());
      tab.send(first + ",\"name\":\"n\",\"ref\":\"c\"}");
      JsonNode conflict = tab.next("error");
      assertThat(conflict.path("code").asString()).isEqualTo("id_conflict");
      assertThat(conflict.path("id").asString()).isEqualTo("i");
      assertThat(conflict.path("ref").asString()).isEqualTo("c");
      ben.next("message");
      ben.send(first + "}");
      assertThat(ben.next("message").path("user").asString()).isEqualTo("ben");
      ben.untilPong();
      assertThat(ben.all("message")).hasSize(2);
    }
  }

  @Test
  void echoFalseSparesTheLiveCopyOnly() {
    try (TestClient ann = service.guest();
        TestClient ben = service.guest()) {
      ann.join(room);
      ben.join(room);
      ann.send(
          "{\"type\":\"message\",\"room\":\""
              + room
              + "\",\"content\":1,\"echo\":false,"
              + "\"ref\":\"r\"}");
      JsonNode ack = ann.next("ack");
      assertThat(ack.path("offset").asLong()).isEqualTo(1);
      assertThat(ben.next("message").path("content").asInt()).isEqualTo(1);
      ann.untilPong();
      assertThat(ann.all("message")).isEmpty();
      assertThat(ann.join(room, ack.path("epoch").asString(), 0).path("replay").asInt())
          .isEqualTo(1);
      assertThat(ann.next("message").path("offset").asLong()).isEqualTo(1);
      ann.send("{\"type\":\"history\",\"room\":\"" + room + "\"}");
      assertThat(ann.next("history").path("messages").size()).isEqualTo(1);
    }
  }

  @Test
  void signalsGoToTheOthersAndAreNotKept() {
    try (TestClient ann = service.guest();
        TestClient ben = service.guest()) {
      ann.join(room);
      ben.join(room);
      ann.send(
          "{\"type\":\"signal\",\"room\":\"" + room + "\",\"name\":\"cursor\",\"data\":{\"x\":1}}");
      JsonNode signal = ben.next("signal");
      assertThat(signal.path("name").asString()).isEqualTo("cursor");
      assertThat(signal.path("data").path("x").asInt()).isEqualTo(1);
      assertThat(signal.has("offset")).isFalse();
      assertThat(signal.path("user").asString()).startsWith("guest-");
      ann.untilPong();
      assertThat(ann.all("signal")).isEmpty();
      ann.send("{\"type\":\"history\",\"room\":\"" + room + "\"}");
      assertThat(ann.next("history").path("messages").size()).isZero();
    }
  }

  @Test
  void pingIsAnswered() {
    try (TestClient ann = service.guest()) {
      ann.send("{\"type\":\"ping\"}");
      JsonNode pong = ann.next("pong");
      assertThat(pong.has("ref")).isFalse();
      assertThat(pong.path("timestamp").asLong())
          .isBetween(System.currentTimeMillis() - 60_000, System.currentTimeMillis());
    }
  }

  @Test
  void publishingWithoutHavingJoinedIsRefused() {
    try (TestClient ann = service.guest()) {
      for (String type :
          List.of(
              "\"message\",\"content\":1",
              "\"signal\",\"name\":\"n\"",
              "\"typing\",\"active\":true",
              "\"history\"",
              "\"leave\"")) {
        ann.send("{\"room\":\"" + room + "\",\"ref\":\"r\",\"type\":" + type + "}");
        JsonNode error = ann.next("error");
        assertThat(error.path("code").asString()).as(type).isEqualTo("not_joined");
        assertThat(error.path("room").asString()).isEqualTo(room);
        assertThat(error.path("ref").asString()).isEqualTo("r");
      }
    }
  }

  @Test
  void historyIsPagedBothWays() {
    try (TestClient ann = service.guest()) {
      ann.join(room);
      for (int i = 1; i <= 120; i++) {
        ann.publish(room, "m" + i);
      }
      ann.next(frame -> frame.type().equals("message") && frame.text().contains("m120"));
      assertThat(history(ann, "")).isEqualTo("71-120 more");
      assertThat(history(ann, ",\"limit\":10")).isEqualTo("111-120 more");
      assertThat(history(ann, ",\"before\":11")).isEqualTo("1-10");
      assertThat(history(ann, ",\"before\":12,\"limit\":10")).isEqualTo("2-11 more");
      assertThat(history(ann, ",\"before\":1")).isEqualTo("none");
      assertThat(history(ann, ",\"before\":100000,\"limit\":1")).isEqualTo("120-120 more");
      assertThat(history(ann, ",\"after\":0,\"limit\":7")).isEqualTo("1-7 more");
      assertThat(history(ann, ",\"after\":113,\"limit\":7")).isEqualTo("114-120");
      assertThat(history(ann, ",\"after\":120")).isEqualTo("none");
      assertThat(history(ann, ",\"after\":5000")).isEqualTo("none");
      assertThat(history(ann, ",\"limit\":1000")).isEqualTo("1-120");
      for (String wrong :
          List.of("\"before\":5,\"after\":1", "\"limit\":0", "\"limit\":1001", "\"after\":-1")) {
        ann.send("{\"type\":\"history\",\"room\":\"" + room + "\"," + wrong + "}");
        assertThat(ann.next("error").path("code").asString()).isEqualTo("invalid_message");
      }
    }
  }

  @Test
  void historyEndsAt256KiBButHasOneAtLeast() {
    String large = "x".repeat(60 * 1024);
    try (TestClient ann = service.guest()) {
      ann.join(room);
      for (int i = 1; i <= 10; i++) {
        ann.publish(room, large);
      }
      ann.next(f -> f.type().equals("message") && f.json().path("offset").asInt() == 10);
      assertThat(history(ann, "")).isEqualTo("7-10 more");
      assertThat(history(ann, ",\"before\":7")).isEqualTo("3-6 more");
      assertThat(history(ann, ",\"before\":3")).isEqualTo("1-2");
      assertThat(history(ann, ",\"after\":0")).isEqualTo("1-4 more");
      assertThat(history(ann, ",\"after\":8")).isEqualTo("9-10");
      assertThat(history(ann, ",\"before\":10,\"limit\":1")).isEqualTo("9-9 more");
    }
  }

  @Test
  void binaryMessagesShareTheRoom() {
    byte[] payload = {0, 1, 2, (byte) 0xFF};
    try (TestClient ann = service.user("ann");
        TestClient ben = service.user("ben")) {
      ann.join(room);
      ben.join(room);
      ann.publishAcked(room, "json");
      ann.send(binary(1, room, "id-1", payload));
      JsonNode ack = ann.next("ack");
      assertThat(ack.path("id").asString()).isEqualTo("id-1");
      assertThat(ack.path("offset").asLong()).isEqualTo(2);
      ByteBuffer frame = ByteBuffer.wrap(ben.next(f -> f.opcode() == Received.BINARY).payload());
      assertThat(frame.get()).isEqualTo((byte) 1);
      assertThat(shortText(frame)).isEqualTo(room);
      assertThat(frame.getLong()).isEqualTo(2);
      assertThat(shortText(frame)).isEqualTo("ann");
      assertThat(shortText(frame)).isEqualTo("id-1");
      assertThat(ByteBuffer.wrap(payload)).isEqualTo(frame);
      ann.send(binary(1, room, "id-1", payload));
      assertThat(ann.next("ack").path("duplicate").asBoolean()).isTrue();
      ann.send(binary(1, room, "id-1", new byte[1]));
      assertThat(ann.next("error").path("code").asString()).isEqualTo("id_conflict");
      ann.send("{\"type\":\"history\",\"room\":\"" + room + "\"}");
      JsonNode kept = ann.next("history").path("messages").get(1);
      assertThat(kept.path("data").asString())
          .isEqualTo(Base64.getEncoder().encodeToString(payload));
      assertThat(kept.has("content")).isFalse();
      assertThat(kept.path("user").asString()).isEqualTo("ann");
    }
  }

  @Test
  void binarySignalsGoToTheOthers() {
    try (TestClient ann = service.user("ann");
        TestClient ben = service.user("ben")) {
      ann.join(room);
      ben.join(room);
      ann.send(binary(2, room, "", new byte[] {7}));
      ByteBuffer frame = ByteBuffer.wrap(ben.next(f -> f.opcode() == Received.BINARY).payload());
      assertThat(frame.get()).isEqualTo((byte) 2);
      assertThat(shortText(frame)).isEqualTo(room);
      assertThat(frame.getLong()).isZero();
      assertThat(shortText(frame)).isEqualTo("ann");
      assertThat(shortText(frame)).isEmpty();
      assertThat(frame.remaining()).isEqualTo(1);
      ann.untilPong();
      assertThat(ann.received()).noneMatch(f -> f.opcode() == Received.BINARY);
    }
  }

  @Test
  void oneConnectionsMessagesKeepTheirOrder() {
    try (TestClient ann = service.guest();
        TestClient ben = service.guest()) {
      ann.join(room);
      ben.join(room);
      for (int i = 1; i <= 1_000; i++) {
        ann.publish(room, "m" + i);
      }
      for (int i = 1; i <= 1_000; i++) {
        JsonNode message = ben.next("message");
        assertThat(message.path("offset").asLong()).isEqualTo(i);
        assertThat(message.path("content").asString()).isEqualTo("m" + i);
      }
    }
  }

  static byte[] binary(int kind, String room, String id, byte[] payload) {
    byte[] name = room.getBytes(StandardCharsets.US_ASCII);
    byte[] mark = id.getBytes(StandardCharsets.US_ASCII);
    return ByteBuffer.allocate(3 + name.length + mark.length + payload.length)
        .put((byte) kind)
        .put((byte) name.length)
        .put(name)
        .put((byte) mark.length)
        .put(mark)
        .put(payload)
        .array();
  }

  private static String shortText(ByteBuffer frame) {
    byte[] text = new byte[frame.get() & 0xFF];
    frame.get(text);
    return new String(text, StandardCharsets.UTF_8);
  }

  /** What came: its first and last offset, and whether there is more; holes fail. */
  private String history(TestClient client, String fields) {
    client.send("{\"type\":\"history\",\"ref\":\"h\",\"room\":\"" + room + "\"" + fields + "}");
    JsonNode history = client.next("history");
    assertThat(history.path("ref").asString()).isEqualTo("h");
    assertThat(history.path("epoch").asString()).isNotEmpty();
    JsonNode messages = history.path("messages");
    String more = history.path("more").asBoolean() ? " more" : "";
    if (messages.isEmpty()) {
      return "none" + more;
    }
    long first = messages.get(0).path("offset").asLong();
    for (int i = 0; i < messages.size(); i++) {
      assertThat(messages.get(i).path("type").asString()).isEqualTo("message");
      assertThat(messages.get(i).path("offset").asLong()).isEqualTo(first + i);
    }
    return first + "-" + (first + messages.size() - 1) + more;
  }
}
