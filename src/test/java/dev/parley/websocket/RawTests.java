package dev.parley.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.support.ParleyService;
import dev.parley.support.RawHttp;
import dev.parley.support.Received;
import dev.parley.support.TestClient;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** docs/PROTOCOL.md, "Connecting": {@code /raw/{room}}. */
@Tag("service")
@ParameterizedClass(name = "{0} lanes")
@ValueSource(ints = {1, 3})
@Timeout(120)
class RawTests {
  private final ParleyService service;
  private final ParleyService limited;
  private final String room = ParleyService.unique("raw");

  RawTests(int lanes) {
    service = ParleyService.withLanes(lanes);
    limited =
        ParleyService.shared(
            "parley.lanes=" + lanes,
            "parley.limits.messages-per-second=20",
            "parley.limits.burst=5",
            "parley.limits.rooms-per-connection=3");
  }

  @Test
  void framesAreTheContentAlone() {
    try (TestClient device = raw(service);
        TestClient ann = service.user("ann")) {
      ann.join(room);
      device.send("{\"type\":\"ping\"}");
      assertThat(device.next().text()).isEqualTo("{\"type\":\"ping\"}");
      JsonNode message = ann.next("message");
      assertThat(message.path("content").asString()).isEqualTo("{\"type\":\"ping\"}");
      assertThat(message.path("user").asString()).startsWith("guest-");
      device.send(new byte[] {1, 2, 3});
      Received back = device.next();
      assertThat(back.opcode()).isEqualTo(Received.BINARY);
      assertThat(back.payload()).containsExactly(1, 2, 3);
      ann.next(f -> f.opcode() == Received.BINARY);
      for (String content :
          List.of("\"grüße \\u0022\\n\"", "{\"a\":[1]}", "1.50", "null", "\"\"")) {
        ann.send("{\"type\":\"message\",\"room\":\"" + room + "\",\"content\":" + content + "}");
      }
      assertThat(device.next().text()).isEqualTo("grüße \"\n");
      assertThat(device.next().text()).isEqualTo("{\"a\":[1]}");
      assertThat(device.next().text()).isEqualTo("1.50");
      assertThat(device.next().text()).isEqualTo("null");
      assertThat(device.next().text()).isEmpty();
    }
  }

  @Test
  void noticesAndSignalsAreNotSent() {
    try (TestClient device = raw(service);
        TestClient ann = service.user("ann")) {
      ann.join(room);
      ann.send("{\"type\":\"signal\",\"room\":\"" + room + "\",\"name\":\"n\"}");
      ann.send("{\"type\":\"typing\",\"room\":\"" + room + "\",\"active\":true}");
      ann.send(MessageTests.binary(2, room, "", new byte[] {1}));
      ann.send("{\"type\":\"leave\",\"room\":\"" + room + "\"}");
      ann.join(room);
      ann.publish(room, "only this");
      assertThat(device.next().text()).isEqualTo("only this");
    }
  }

  @Test
  void othersSeeItAsAMember() {
    try (TestClient ann = service.user("ann")) {
      ann.join(room);
      ann.next("user-joined");
      TestClient device = raw(service);
      assertThat(ann.next("user-joined").path("user").asString()).startsWith("guest-");
      device.close();
      assertThat(ann.next("user-left").path("user").asString()).startsWith("guest-");
    }
  }

  @Test
  void theHandshakeIsTheJoin() {
    try (TestClient ann = service.user("ann")) {
      ann.join(room);
      for (int i = 0; i < 20; i++) {
        try (TestClient device = raw(service)) {
          // Published once the device knows that it is connected: not to be missed.
          ann.publish(room, "m" + i);
          assertThat(device.next().text()).isEqualTo("m" + i);
        }
      }
    }
  }

  @Test
  void whatIsSentWithTheHandshakeIsPublished() {
    byte[] early =
        TestClient.masked(0x81, "early".getBytes(java.nio.charset.StandardCharsets.UTF_8));
    try (TestClient device = service.handshake("/raw/" + room).followedBy(early).connect()) {
      assertThat(device.next().text()).isEqualTo("early");
    }
  }

  @Test
  void aBadRoomIs400AForbiddenOne403() {
    for (String bad : List.of("/raw/a%20b", "/raw/" + "x".repeat(129), "/raw/%C3%A4")) {
      RawHttp.Answer answer = service.handshake(bad).refused();
      assertThat(answer.status()).as(bad).isEqualTo(400);
      assertThat(answer.header("Content-Type")).startsWith("application/problem+json");
      assertThat(answer.body()).contains("\"invalid_room\"");
    }
    RawHttp.Answer forbidden = service.handshake("/raw/@somebody").refused();
    assertThat(forbidden.status()).isEqualTo(403);
    assertThat(forbidden.header("Content-Type")).startsWith("application/problem+json");
    assertThat(forbidden.body()).contains("\"forbidden\"");
  }

  @Test
  void readingPausesOverTheRate() {
    try (TestClient device = raw(limited)) {
      long before = System.nanoTime();
      for (int i = 1; i <= 45; i++) {
        device.send("m" + i);
      }
      for (int i = 1; i <= 45; i++) {
        assertThat(device.next().text()).isEqualTo("m" + i);
      }
      // 5 at once, one above them, then 20 a second.
      assertThat(Duration.ofNanos(System.nanoTime() - before))
          .isGreaterThan(Duration.ofMillis(1_900));
      assertThat(device.isOpen()).isTrue();
    }
  }

  private TestClient raw(ParleyService at) {
    return at.handshake("/raw/" + room).connect();
  }
}
