package dev.parley.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.support.ParleyService;
import dev.parley.support.Received;
import dev.parley.support.TestClient;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/** Limits that are on: 20 frames a second, 5 at once, 3 rooms. */
@Tag("service")
@Timeout(60)
class LimitTests {
  private final ParleyService service =
      ParleyService.shared(
          "parley.lanes=1",
          "parley.limits.messages-per-second=20",
          "parley.limits.burst=5",
          "parley.limits.rooms-per-connection=3");

  @Test
  void welcomeTellsTheLimits() {
    try (TestClient ann = service.handshake("/ws").subprotocol("parley.v1").connect()) {
      JsonNode limits = ann.next("welcome").path("limits");
      assertThat(limits.path("messagesPerSecond").asInt()).isEqualTo(20);
      assertThat(limits.path("rooms").asInt()).isEqualTo(3);
    }
  }

  @Test
  void aFrameOverTheRateIsRefusedWithTheTimeToWait() {
    String room = ParleyService.unique("limit");
    try (TestClient ann = service.guest()) {
      ann.join(room);
      for (int i = 0; i < 20; i++) {
        ann.send(
            "{\"type\":\"message\",\"room\":\""
                + room
                + "\",\"ref\":\"r"
                + i
                + "\",\"id\":\"i"
                + i
                + "\",\"content\":1}");
      }
      JsonNode error = ann.next("error");
      assertThat(error.path("code").asString()).isEqualTo("rate_limited");
      assertThat(error.path("ref").asString()).startsWith("r");
      assertThat(error.path("id").asString()).startsWith("i");
      assertThat(error.path("room").asString()).isEqualTo(room);
      assertThat(error.path("retryAfterMs").asLong()).isBetween(1L, 51L);
      assertThat(ann.isOpen()).isTrue();
    }
  }

  @Test
  void whoKeepsSendingIsClosedAfterHavingBeenTold() {
    double before = service.count("parley.closes", "code", "4003");
    try (TestClient ann = service.guest()) {
      for (int i = 0; i < 150; i++) {
        ann.send("{\"type\":\"ping\"}");
      }
      Received close = ann.awaitClose();
      assertThat(close.closeCode()).isEqualTo(4003);
      assertThat(close.closeReason()).isEqualTo("Flooding");
      assertThat(ann.all("error"))
          .isNotEmpty()
          .allMatch(error -> error.path("code").asString().equals("rate_limited"));
      assertThat(service.count("parley.closes", "code", "4003")).isEqualTo(before + 1);
    }
  }

  @Test
  void oneRoomTooManyIsRefused() {
    try (TestClient ann = service.guest()) {
      ann.send(
          "{\"type\":\"join\",\"ref\":\"r\",\"rooms\":[{\"room\":\"l1\"},{\"room\":\"l2\"},"
              + "{\"room\":\"l3\"},{\"room\":\"l4\"}]}");
      JsonNode error = ann.next("error");
      assertThat(error.path("code").asString()).isEqualTo("too_many_rooms");
      assertThat(error.path("room").asString()).isEqualTo("l4");
      assertThat(error.path("ref").asString()).isEqualTo("r");
    }
  }
}
