package dev.parley.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.support.ParleyService;
import dev.parley.support.Received;
import dev.parley.support.TestClient;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/** What policies set for the rooms that they match, and for no others. */
@Tag("service")
@Timeout(60)
class RoomPolicyTests {
  private final ParleyService service =
      ParleyService.shared(
          "parley.lanes=2",
          "parley.access.policies[0].rooms=short:*",
          "parley.access.policies[0].allow=anonymous",
          "parley.access.policies[0].max-message-bytes=10B",
          "parley.access.policies[1].rooms=full:*",
          "parley.access.policies[1].allow=anonymous",
          "parley.access.policies[1].max-members=2",
          "parley.access.policies[2].rooms=quiet:*",
          "parley.access.policies[2].allow=anonymous",
          "parley.access.policies[2].presence=off",
          "parley.access.policies[3].rooms=none:*",
          "parley.access.policies[3].allow=anonymous",
          "parley.access.policies[3].history.size=0",
          "parley.access.policies[4].rooms=two:*",
          "parley.access.policies[4].allow=anonymous",
          "parley.access.policies[4].history.size=2");

  @Test
  void contentAboveTheRoomsLimitIsRefusedAndTheConnectionStays() {
    String room = ParleyService.unique("short:json");
    try (TestClient ann = service.guest()) {
      ann.join(room);
      ann.send(message(room, "\"12345678\""));
      assertThat(ann.next("ack", room).path("offset").asLong()).isEqualTo(1);
      ann.send(message(room, "\"123456789\""));
      assertTooLarge(ann.next("error"), room);
      ann.send(message(room, "  { \"a\" : 12 }  "));
      assertThat(ann.next("ack", room).path("offset").asLong()).isEqualTo(2);
      ann.send(
          "{\"type\":\"signal\",\"room\":\"%s\",\"ref\":\"r\",\"name\":\"n\",\"data\":\"123456789\"}"
              .formatted(room));
      assertTooLarge(ann.next("error"), room);
      ann.send(binary(room, "12345678901"));
      assertThat(ann.next("error").path("code").asString()).isEqualTo("too_large");
      ann.send(binary(room, "1234567890"));
      ann.next(frame -> frame.opcode() == Received.BINARY);
      ann.join("other");
      ann.send(message("other", "\"" + "x".repeat(1_000) + "\""));
      ann.next("ack", "other");
    }
  }

  @Test
  void plainModeAndRawAreHeldToTheLimitOfTheRoom() {
    String room = ParleyService.unique("short:plain");
    try (TestClient plain = service.plain();
        TestClient raw = service.handshake("/raw/" + room).connect()) {
      plain.send(join(room));
      plain.next("joined", room);
      plain.send(message(room, "\"123456789\""));
      assertTooLarge(plain.next("error"), room);
      raw.send("12345678");
      plain.next("message", room);
      raw.send("123456789");
      assertThat(raw.awaitClose().closeCode()).isEqualTo(1009);
    }
  }

  @Test
  void fullRoomRefusesAnotherUserUntilOneLeaves() {
    String room = ParleyService.unique("full:r");
    double before = service.count("parley.joins", "outcome", "full");
    try (TestClient ann = service.user("ann");
        TestClient tab = service.user("ann");
        TestClient bob = service.user("bob");
        TestClient carol = service.user("carol")) {
      ann.join(room);
      bob.join(room);
      carol.send(join(room));
      JsonNode error = carol.next("error");
      assertThat(error.path("code").asString()).isEqualTo("room_full");
      assertThat(error.path("error").asString()).isEqualTo("The room is full");
      assertThat(error.path("room").asString()).isEqualTo(room);
      assertThat(error.path("ref").asString()).isEqualTo("j");
      assertThat(error.has("retryAfterMs")).isFalse();
      carol.send(message(room, "1"));
      assertThat(carol.next("error").path("code").asString()).isEqualTo("not_joined");
      tab.join(room);
      ann.join(room);
      try (TestClient raw = service.handshake("/raw/" + room).connect()) {
        assertThat(raw.awaitClose().closeCode()).isEqualTo(1013);
      }
      assertThat(service.count("parley.joins", "outcome", "full")).isEqualTo(before + 2);
      bob.drop();
      bob.awaitEnd();
      try (TestClient again = service.user("bob")) {
        again.join(room);
        again.send("{\"type\":\"leave\",\"room\":\"" + room + "\"}");
        again.next("left", room);
      }
      ann.next("user-left", room);
      carol.join(room);
    }
  }

  @Test
  void membersAreToldTheirNumberAloneWherePresenceIsOff() {
    String room = ParleyService.unique("quiet:r");
    try (TestClient ann = service.user("ann");
        TestClient plain = service.plain();
        TestClient bob = service.user("bob")) {
      ann.join(room);
      plain.send(join(room));
      assertThat(plain.next("joined", room).path("members").asInt()).isBetween(0, 1);
      bob.join(room);
      ann.nextJson(frame ->
          frame.path("type").asString().equals("members") && frame.path("count").asInt() == 3);
      bob.send("{\"type\":\"leave\",\"room\":\"" + room + "\"}");
      ann.nextJson(frame ->
          frame.path("type").asString().equals("members") && frame.path("count").asInt() == 2);
      assertThat(plain.typesUntilPong()).isEmpty();
      assertThat(ann.all("user-joined")).isEmpty();
      assertThat(ann.all("user-left")).isEmpty();
    }
  }

  @Test
  void roomWithoutHistorySaysSoAndTellsWhoeverMissedSomething() {
    String room = ParleyService.unique("none:r");
    try (TestClient ann = service.user("ann");
        TestClient bob = service.user("bob");
        TestClient plain = service.plain()) {
      String epoch = ann.join(room).path("epoch").asString();
      ann.publishAcked(room, "one");
      ann.send(history(room, ""));
      JsonNode error = ann.next("error");
      assertThat(error.path("code").asString()).isEqualTo("history_unavailable");
      assertThat(error.path("error").asString()).isEqualTo("This room keeps no history");
      assertThat(error.path("ref").asString()).isEqualTo("h");
      assertThat(error.path("room").asString()).isEqualTo(room);
      bob.send(history(room, ""));
      assertThat(bob.next("error").path("code").asString()).isEqualTo("not_joined");
      assertThat(bob.join(room, epoch, 1).path("recovered").asBoolean()).isTrue();
      ann.publishAcked(room, "two");
      bob.nextJson(frame -> frame.path("offset").asLong() == 2);
      bob.send(
          "{\"type\":\"join\",\"room\":\"%s\",\"since\":{\"epoch\":\"%s\",\"offset\":1}}"
              .formatted(room, epoch));
      JsonNode joined = bob.next("joined", room);
      assertThat(joined.path("recovered").asBoolean(true)).isFalse();
      assertThat(joined.path("offset").asLong()).isEqualTo(2);
      assertThat(joined.path("replay").asLong()).isZero();
      plain.send(join(room));
      plain.next("joined", room);
      plain.send(history(room, ""));
      assertThat(plain.next("error").path("code").asString()).isEqualTo("history_unavailable");
    }
  }

  @Test
  void roomKeepsAsMuchHistoryAsItsPolicySays() {
    String room = ParleyService.unique("two:r");
    try (TestClient ann = service.user("ann")) {
      String epoch = ann.join(room).path("epoch").asString();
      for (String text : List.of("one", "two", "three", "four")) {
        ann.publishAcked(room, text);
      }
      ann.send(history(room, ""));
      assertThat(offsets(ann.next("history"))).containsExactly(3L, 4L);
      ann.send(history(room, ",\"before\":4"));
      assertThat(offsets(ann.next("history"))).containsExactly(3L);
      ann.send(history(room, ",\"after\":3"));
      assertThat(offsets(ann.next("history"))).containsExactly(4L);
      assertThat(ann.join(room, epoch, 1).path("recovered").asBoolean(true)).isFalse();
      assertThat(ann.join(room, epoch, 2).path("recovered").asBoolean(false)).isTrue();
    }
  }

  private static List<Long> offsets(JsonNode history) {
    return history
        .path("messages")
        .valueStream()
        .map(each -> each.path("offset").asLong())
        .toList();
  }

  private static String history(String room, String more) {
    return "{\"type\":\"history\",\"ref\":\"h\",\"room\":\"%s\"%s}".formatted(room, more);
  }

  private static String join(String room) {
    return "{\"type\":\"join\",\"ref\":\"j\",\"room\":\"" + room + "\"}";
  }

  private static void assertTooLarge(JsonNode error, String room) {
    assertThat(error.path("code").asString()).isEqualTo("too_large");
    assertThat(error.path("error").asString()).isEqualTo("Content too large for this room");
    assertThat(error.path("room").asString()).isEqualTo(room);
    assertThat(error.path("ref").asString()).isEqualTo("r");
  }

  private static String message(String room, String content) {
    return "{\"type\":\"message\",\"room\":\"%s\",\"ref\":\"r\",\"content\":%s}"
        .formatted(room, content);
  }

  private static byte[] binary(String room, String payload) {
    return ("\1" + (char) room.length() + room + "\0" + payload)
        .getBytes(StandardCharsets.ISO_8859_1);
  }
}
