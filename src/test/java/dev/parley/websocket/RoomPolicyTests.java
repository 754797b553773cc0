package dev.parley.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
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
          "parley.access.policies[0].max-message-bytes=10B");

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
      plain.send("{\"type\":\"join\",\"ref\":\"j\",\"room\":\"" + room + "\"}");
      plain.next("joined", room);
      plain.send(message(room, "\"123456789\""));
      assertTooLarge(plain.next("error"), room);
      raw.send("12345678");
      plain.next("message", room);
      raw.send("123456789");
      assertThat(raw.awaitClose().closeCode()).isEqualTo(1009);
    }
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
