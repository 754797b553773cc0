package dev.parley.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.support.ParleyService;
import dev.parley.support.TestClient;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** docs/PROTOCOL.md: notices of users coming and going, and of who types. Grace is 300 ms here. */
@Tag("service")
@ParameterizedClass(name = "{0} lanes")
@ValueSource(ints = {1, 3})
@Timeout(120)
class PresenceTests {
  private final ParleyService service;
  private final String room = ParleyService.unique("presence");

  PresenceTests(int lanes) {
    service = ParleyService.withLanes(lanes);
  }

  @Test
  void oneHearsOfOneselfBehindJoinedAndReplay() {
    try (TestClient ann = service.user("ann")) {
      String epoch = ann.join(room).path("epoch").asString();
      JsonNode own = ann.next().json();
      assertThat(own.path("type").asString()).isEqualTo("user-joined");
      assertThat(own.path("user").asString()).isEqualTo("ann");
      assertThat(own.path("username").asString()).isEqualTo("Name of ann");
      assertThat(own.path("room").asString()).isEqualTo(room);
      assertThat(own.path("version").asLong()).isEqualTo(1);
      assertThat(own.path("timestamp").asLong()).isPositive();
      ann.publishAcked(room, "a");
      ann.publishAcked(room, "b");
      try (TestClient ben = service.user("ben")) {
        ben.join(room, epoch, 0);
        assertThat(ben.next().type()).isEqualTo("message");
        assertThat(ben.next().type()).isEqualTo("message");
        JsonNode his = ben.next().json();
        assertThat(his.path("user").asString()).isEqualTo("ben");
        assertThat(his.path("version").asLong()).isEqualTo(2);
        assertThat(ann.next("user-joined").path("user").asString()).isEqualTo("ben");
      }
    }
  }

  @Test
  void aSecondTabIsSilent() {
    try (TestClient ann = service.user("ann");
        TestClient ben = service.user("ben")) {
      ann.join(room);
      ben.join(room);
      ann.nextJson(f -> f.path("user").asString("").equals("ben"));
      TestClient tab = service.user("ben");
      assertThat(tab.join(room).path("members").asInt()).isEqualTo(2);
      assertThat(tab.typesUntilPong()).isEmpty();
      ben.send("{\"type\":\"leave\",\"room\":\"" + room + "\"}");
      ben.next("left");
      assertThat(ann.typesUntilPong()).isEmpty();
      tab.send("{\"type\":\"leave\",\"room\":\"" + room + "\"}");
      assertThat(ann.next("user-left").path("user").asString()).isEqualTo("ben");
      tab.close();
    }
  }

  @Test
  void leavingIsToldAtOnceButNotToWhoLeft() {
    try (TestClient ann = service.user("ann");
        TestClient ben = service.user("ben")) {
      ann.join(room);
      ben.join(room);
      ben.next("user-joined");
      ben.send("{\"type\":\"leave\",\"room\":\"" + room + "\"}");
      JsonNode left = ann.next("user-left");
      assertThat(left.path("user").asString()).isEqualTo("ben");
      assertThat(left.path("username").asString()).isEqualTo("Name of ben");
      assertThat(ben.typesUntilPong()).containsExactly("left");
    }
  }

  @Test
  void whoseConnectionEndedHasTheGraceTimeToComeBack() {
    try (TestClient ann = service.user("ann")) {
      ann.join(room);
      TestClient ben = service.user("ben");
      ben.join(room);
      ann.nextJson(f -> f.path("user").asString("").equals("ben"));
      ben.drop();
      TestClient back = service.user("ben");
      back.join(room);
      back.drop();
      long before = System.nanoTime();
      JsonNode left = ann.next("user-left");
      assertThat(left.path("user").asString()).isEqualTo("ben");
      assertThat(Duration.ofNanos(System.nanoTime() - before))
          .isGreaterThan(Duration.ofMillis(200));
      assertThat(ann.all("user-left")).hasSize(1);
      assertThat(ann.all("user-joined")).hasSize(2);
    }
  }

  @Test
  void typingIsToldWhenItBeginsAndCeases() {
    try (TestClient ann = service.user("ann");
        TestClient ben = service.user("ben")) {
      ann.join(room);
      ben.join(room);
      for (int i = 0; i < 5; i++) {
        ann.send("{\"type\":\"typing\",\"room\":\"" + room + "\",\"active\":true}");
      }
      JsonNode typing = ben.next("typing");
      assertThat(typing.path("active").asBoolean()).isTrue();
      assertThat(typing.path("user").asString()).isEqualTo("ann");
      assertThat(typing.path("username").asString()).isEqualTo("Name of ann");
      ann.send("{\"type\":\"typing\",\"room\":\"" + room + "\",\"active\":false}");
      ann.send("{\"type\":\"typing\",\"room\":\"" + room + "\",\"active\":false}");
      assertThat(ben.next("typing").path("active").asBoolean(true)).isFalse();
      ann.send("{\"type\":\"typing\",\"room\":\"" + room + "\",\"active\":true}");
      assertThat(ben.next("typing").path("active").asBoolean()).isTrue();
      ann.drop();
      assertThat(ben.next("typing").path("active").asBoolean(true)).isFalse();
      assertThat(ann.all("typing")).isEmpty();
    }
  }
}
