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
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** docs/PROTOCOL.md, "Client → server": join and leave. */
@Tag("service")
@ParameterizedClass(name = "{0} lanes")
@ValueSource(ints = {1, 3})
@Timeout(120)
class JoinTests {
  private final ParleyService service;
  private final String room = ParleyService.unique("join");

  JoinTests(int lanes) {
    service = ParleyService.withLanes(lanes);
  }

  @Test
  void joinedTellsThePositionBeforeLive() {
    try (TestClient ann = service.guest()) {
      ann.send("{\"type\":\"join\",\"room\":\"" + room + "\",\"ref\":\"a\"}");
      JsonNode joined = ann.next("joined");
      assertThat(joined.path("ref").asString()).isEqualTo("a");
      assertThat(joined.path("room").asString()).isEqualTo(room);
      assertThat(joined.path("offset").asLong()).isZero();
      assertThat(joined.path("replay").asLong()).isZero();
      assertThat(joined.path("epoch").asString()).isNotEmpty();
      assertThat(joined.has("recovered")).isFalse();
      JsonNode ack = ann.publishAcked(room, "x");
      assertThat(ack.path("epoch").asString()).isEqualTo(joined.path("epoch").asString());
      assertThat(ack.path("offset").asLong()).isEqualTo(1);
    }
  }

  @Test
  void roomLeftOutIsTheDefaultRoom() {
    try (TestClient ann = service.guest()) {
      ann.send("{\"type\":\"join\"}");
      assertThat(ann.next("joined").path("room").asString()).isEqualTo("lobby");
    }
  }

  @Test
  void everyRoomOfABatchAnswersByItself() {
    String forbidden = "@somebody-else";
    try (TestClient ann = service.user(ParleyService.unique("ann"))) {
      ann.send(
          """
          {"type":"join","ref":"b","rooms":[{"room":"%s-1"},{"room":"%s"},{"room":"%s-2"}]}\
          """
              .formatted(room, forbidden, room));
      JsonNode error = ann.next("error");
      assertThat(error.path("code").asString()).isEqualTo("forbidden");
      assertThat(error.path("ref").asString()).isEqualTo("b");
      assertThat(error.path("room").asString()).isEqualTo(forbidden);
      ann.untilPong();
      List<JsonNode> joined = awaitJoined(ann, 2);
      assertThat(joined)
          .extracting(frame -> frame.path("room").asString() + frame.path("ref").asString())
          .containsExactlyInAnyOrder(room + "-1b", room + "-2b");
    }
  }

  @Test
  void aBatchThatContradictsItselfIsRefusedWhole() {
    try (TestClient ann = service.guest()) {
      for (String fields :
          List.of(
              "\"room\":\"a\",\"rooms\":[{\"room\":\"b\"}]",
              "\"rooms\":[]",
              "\"rooms\":[{\"room\":\"" + room + "\"},{\"room\":\"" + room + "\"}]")) {
        ann.send("{\"type\":\"join\",\"ref\":\"r\"," + fields + "}");
        JsonNode error = ann.next("error");
        assertThat(error.path("code").asString()).isEqualTo("invalid_message");
        assertThat(error.path("error").asString()).isEqualTo("Invalid message format");
        assertThat(error.path("ref").asString()).isEqualTo("r");
      }
      assertThat(ann.typesUntilPong()).isEmpty();
    }
  }

  @Test
  void theSurplusOfABatchIsTooManyRooms() {
    try (TestClient ann = service.guest()) {
      ann.join(room + "-first");
      ann.send(batch(2, 101));
      JsonNode error = ann.next("error");
      assertThat(error.path("code").asString()).isEqualTo("too_many_rooms");
      assertThat(error.path("room").asString()).isEqualTo(room + "-101");
      assertThat(awaitJoined(ann, 100)).hasSize(100);
      ann.send("{\"type\":\"join\",\"room\":\"" + room + "-more\",\"ref\":\"m\"}");
      assertThat(ann.next("error").path("ref").asString()).isEqualTo("m");
      ann.send("{\"type\":\"leave\",\"room\":\"" + room + "-2\"}");
      ann.join(room + "-more");
    }
  }

  @Test
  void framesBehindAJoinWaitForIt() {
    try (TestClient ann = service.guest()) {
      ann.send("{\"type\":\"join\",\"room\":\"" + room + "\"}");
      for (int i = 1; i <= 100; i++) {
        ann.publish(room, "m" + i);
      }
      ann.send("{\"type\":\"history\",\"room\":\"" + room + "\",\"ref\":\"h\"}");
      ann.send("{\"type\":\"leave\",\"room\":\"" + room + "\",\"ref\":\"l\"}");
      ann.send("{\"type\":\"message\",\"room\":\"" + room + "\",\"content\":1,\"ref\":\"late\"}");
      assertThat(ann.next().type()).isEqualTo("joined");
      JsonNode late = ann.next("error");
      assertThat(late.path("code").asString()).isEqualTo("not_joined");
      assertThat(late.path("ref").asString()).isEqualTo("late");
      try (TestClient ben = service.guest()) {
        ben.send("{\"type\":\"join\",\"room\":\"" + room + "\",\"last\":1000}");
        assertThat(ben.next("joined").path("replay").asLong()).isEqualTo(100);
        for (int i = 1; i <= 100; i++) {
          assertThat(ben.next("message").path("content").asString()).isEqualTo("m" + i);
        }
      }
    }
  }

  @Test
  void framesBehindAJoinThatFailsAreNotJoined() {
    try (TestClient ann = service.user(ParleyService.unique("ann"))) {
      ann.send("{\"type\":\"join\",\"room\":\"@somebody-else\",\"ref\":\"j\"}");
      ann.send("{\"type\":\"typing\",\"room\":\"" + room + "\",\"active\":true,\"ref\":\"t\"}");
      ann.send("{\"type\":\"leave\",\"room\":\"@somebody-else\",\"ref\":\"l\"}");
      assertThat(ann.next("error").path("code").asString()).isEqualTo("forbidden");
      JsonNode typing = ann.next("error");
      assertThat(typing.path("code").asString()).isEqualTo("not_joined");
      assertThat(typing.path("ref").asString()).isEqualTo("t");
      JsonNode leave = ann.next("error");
      assertThat(leave.path("code").asString()).isEqualTo("not_joined");
      assertThat(leave.path("ref").asString()).isEqualTo("l");
    }
  }

  @Test
  void joiningAgainTakesUpAnotherPosition() {
    try (TestClient ann = service.guest()) {
      String epoch = ann.join(room).path("epoch").asString();
      for (int i = 1; i <= 5; i++) {
        ann.publishAcked(room, "m" + i);
      }
      JsonNode again = ann.join(room, epoch, 2);
      assertThat(again.path("recovered").asBoolean()).isTrue();
      assertThat(again.path("offset").asLong()).isEqualTo(5);
      assertThat(again.path("replay").asLong()).isEqualTo(3);
      for (int i = 3; i <= 5; i++) {
        assertThat(ann.next("message").path("offset").asLong()).isEqualTo(i);
      }
      ann.publish(room, "m6");
      assertThat(ann.next("message").path("offset").asLong()).isEqualTo(6);
      assertThat(ann.typesUntilPong()).isEmpty();
    }
  }

  @Test
  void lastReplaysTheNewest() {
    try (TestClient ann = service.guest()) {
      ann.join(room);
      for (int i = 1; i <= 5; i++) {
        ann.publishAcked(room, "m" + i);
      }
      try (TestClient ben = service.guest()) {
        ben.send("{\"type\":\"join\",\"room\":\"" + room + "\",\"last\":2}");
        JsonNode joined = ben.next("joined");
        assertThat(joined.path("replay").asLong()).isEqualTo(2);
        assertThat(joined.path("offset").asLong()).isEqualTo(5);
        assertThat(joined.has("recovered")).isFalse();
        assertThat(ben.next().json().path("content").asString()).isEqualTo("m4");
        assertThat(ben.next().json().path("content").asString()).isEqualTo("m5");
        assertThat(ben.next().type()).isEqualTo("user-joined");
      }
    }
  }

  @Test
  void leaveEndsWhatIsHeard() {
    try (TestClient ann = service.guest();
        TestClient ben = service.guest()) {
      ann.join(room);
      ben.join(room);
      ben.send("{\"type\":\"leave\",\"room\":\"" + room + "\",\"ref\":\"l\"}");
      JsonNode left = ben.next("left");
      assertThat(left.path("ref").asString()).isEqualTo("l");
      assertThat(left.path("room").asString()).isEqualTo(room);
      assertThat(left.has("reason")).isFalse();
      ann.publishAcked(room, "unheard");
      assertThat(ben.typesUntilPong()).isEmpty();
      ben.send("{\"type\":\"leave\",\"room\":\"" + room + "\",\"ref\":\"l2\"}");
      assertThat(ben.next("error").path("code").asString()).isEqualTo("not_joined");
      assertThat(ben.join(room).path("offset").asLong()).isEqualTo(1);
    }
  }

  private String batch(int from, int to) {
    return IntStream.rangeClosed(from, to)
        .mapToObj(i -> "{\"room\":\"" + room + "-" + i + "\"}")
        .collect(Collectors.joining(",", "{\"type\":\"join\",\"rooms\":[", "]}"));
  }

  private static List<JsonNode> awaitJoined(TestClient client, int count) {
    org.awaitility.Awaitility.await().until(() -> client.all("joined").size() >= count);
    return client.all("joined");
  }
}
