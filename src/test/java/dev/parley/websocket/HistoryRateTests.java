package dev.parley.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.support.ParleyService;
import dev.parley.support.TestClient;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** One frame a second, twenty at once: what a history or a count of rooms costs counts as well. */
@Tag("service")
@Timeout(60)
class HistoryRateTests {
  private final ParleyService service =
      ParleyService.shared(
          "parley.lanes=1", "parley.limits.messages-per-second=1", "parley.limits.burst=20");

  @ParameterizedTest
  @ValueSource(strings = {"parley.v1", ""})
  void largeHistoriesUseTheRateUp(String subprotocol) {
    String room = ParleyService.unique("large");
    try (TestClient bob = service.guest();
        TestClient ann =
            subprotocol.isEmpty()
                ? service.plain()
                : service.handshake("/ws").subprotocol(subprotocol).connect()) {
      bob.join(room);
      for (int i = 0; i < 5; i++) {
        bob.publishAcked(room, i + "x".repeat(60_000));
      }
      ann.send("{\"type\":\"join\",\"ref\":\"j\",\"room\":\"" + room + "\"}");
      ann.next("joined", room);
      int answered = 0;
      JsonNode answer = history(ann, room, 50);
      while (answer.path("type").asString().equals("history")) {
        answered++;
        answer = history(ann, room, 50);
      }
      assertThat(answer.path("code").asString()).isEqualTo("rate_limited");
      assertThat(answer.path("retryAfterMs").asLong()).isPositive();
      assertThat(answered).isBetween(2, 4);
    }
  }

  @Test
  void smallHistoriesCountOnce() {
    String room = ParleyService.unique("small");
    try (TestClient ann = service.guest()) {
      ann.join(room);
      ann.publishAcked(room, "x");
      for (int i = 0; i < 15; i++) {
        assertThat(history(ann, room, 1_000).path("messages")).hasSize(1);
      }
    }
  }

  @Test
  void countsOfManyRoomsUseTheRateUp() {
    String rooms =
        IntStream.range(0, 40).mapToObj(i -> "\"r-" + i + "\"").collect(Collectors.joining(","));
    try (TestClient ann = service.guest()) {
      int answered = 0;
      JsonNode answer = unread(ann, rooms);
      while (answer.path("type").asString().equals("unread")) {
        answered++;
        answer = unread(ann, rooms);
      }
      assertThat(answer.path("code").asString()).isEqualTo("rate_limited");
      assertThat(answered).isBetween(1, 3);
    }
  }

  private static JsonNode unread(TestClient client, String rooms) {
    client.send("{\"type\":\"unread\",\"ref\":\"u\",\"rooms\":[%s]}".formatted(rooms));
    return client.nextJson(
        frame -> List.of("unread", "error").contains(frame.path("type").asString()));
  }

  private static JsonNode history(TestClient client, String room, int limit) {
    client.send(
        "{\"type\":\"history\",\"ref\":\"h\",\"room\":\"%s\",\"limit\":%d}".formatted(room, limit));
    return client.nextJson(
        frame -> List.of("history", "error").contains(frame.path("type").asString()));
  }
}
