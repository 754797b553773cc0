package dev.parley.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.support.ParleyService;
import dev.parley.support.TestClient;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** docs/PROTOCOL.md: read receipts and what is unread. */
@Tag("service")
@ParameterizedClass(name = "{0} lanes")
@ValueSource(ints = {1, 3})
@Timeout(120)
class ReadTests {
  private final ParleyService service;
  private final String room = ParleyService.unique("read");

  ReadTests(int lanes) {
    service =
        ParleyService.shared(
            "parley.limits.enabled=false",
            "parley.lanes=" + lanes,
            "parley.access.policies[0].rooms=quiet-*",
            "parley.access.policies[0].allow=anonymous",
            "parley.access.policies[0].receipts=false");
  }

  private static void read(TestClient client, String room, long offset) {
    client.send("{\"type\":\"read\",\"room\":\"%s\",\"offset\":%d}".formatted(room, offset));
  }

  private static JsonNode unread(TestClient client, String rooms) {
    client.send("{\"type\":\"unread\",\"ref\":\"u\",\"rooms\":[%s]}".formatted(rooms));
    return client.next("unread").path("rooms");
  }

  @Test
  void markMovesForwardAndIsToldToTheRoomAndToTheNextTab() {
    try (TestClient ann = service.user("ann");
        TestClient ben = service.user("ben")) {
      assertThat(ann.join(room).path("unread").asLong(-1)).isZero();
      ben.join(room);
      for (int i = 0; i < 5; i++) {
        ann.publishAcked(room, "m" + i);
      }
      read(ben, room, 3);
      assertThat(ann.next("read").path("reads").path("ben").asLong()).isEqualTo(3);
      read(ben, room, 2);
      read(ben, room, 1_000);
      JsonNode moved = ann.next("read");
      assertThat(moved.propertyNames()).containsExactly("type", "room", "reads");
      assertThat(moved.path("reads").path("ben").asLong()).as("not beyond 5").isEqualTo(5);
      assertThat(ben.next("read").path("reads").path("ben").asLong()).isEqualTo(3);
      try (TestClient tab = service.user("ben")) {
        JsonNode joined = tab.join(room);
        assertThat(joined.path("reads").path("ben").asLong()).isEqualTo(5);
        assertThat(joined.path("unread").asLong(-1)).isZero();
        ann.publishAcked(room, "another");
        read(tab, room, 6);
        ben.nextJson(frame -> frame.path("reads").path("ben").asLong() == 6);
      }
    }
  }

  @Test
  void marksAreListedInPages() {
    try (TestClient ann = service.user("ann")) {
      ann.join(room);
      for (int i = 1; i <= 3; i++) {
        ann.publishAcked(room, "m" + i);
        try (TestClient user = service.user("u" + i)) {
          user.join(room);
          read(user, room, i);
          ann.next("read");
        }
      }
      ann.send("{\"type\":\"reads\",\"ref\":\"r\",\"room\":\"%s\",\"limit\":2}".formatted(room));
      JsonNode first = ann.next("reads");
      assertThat(first.propertyNames())
          .containsExactly("type", "ref", "room", "epoch", "reads", "next");
      assertThat(List.copyOf(first.path("reads").propertyNames())).containsExactly("u3", "u2");
      ann.send(
          "{\"type\":\"reads\",\"ref\":\"r\",\"room\":\"%s\",\"after\":\"%s\"}"
              .formatted(room, first.path("next").asString()));
      JsonNode second = ann.next("reads");
      assertThat(List.copyOf(second.path("reads").propertyNames())).containsExactly("u1");
      assertThat(second.has("next")).isFalse();
    }
  }

  @Test
  void unreadAnswersForEachRoomByItselfWithoutJoining() {
    try (TestClient ann = service.user("ann");
        TestClient ben = service.user("ben")) {
      ann.join(room);
      ann.publishAcked(room, "a");
      ann.publishAcked(room, "b");
      read(ann, room, 1);
      JsonNode own = unread(ann, "\"%s\",\"%s-new\"".formatted(room, room));
      assertThat(own.get(0).propertyNames())
          .containsExactly("room", "epoch", "offset", "read", "unread");
      assertThat(own.get(0).path("offset").asLong()).isEqualTo(2);
      assertThat(own.get(0).path("read").asLong()).isEqualTo(1);
      assertThat(own.get(0).path("unread").asLong()).isEqualTo(1);
      assertThat(own.get(1).propertyNames()).containsExactly("room", "offset", "read", "unread");

      JsonNode others = unread(ben, "\"%s\",\"@ann\",\"@ben\",\"quiet-1\"".formatted(room));
      assertThat(others.get(0).path("unread").asLong()).isEqualTo(2);
      assertThat(others.get(1).propertyNames()).containsExactly("room", "code", "error");
      assertThat(others.get(1).path("code").asString()).isEqualTo("forbidden");
      assertThat(others.get(2).path("unread").asLong(-1)).isZero();
      assertThat(others.get(3).path("code").asString()).isEqualTo("forbidden");
      assertThat(ben.typesUntilPong()).as("no room was joined").isEmpty();
    }
  }

  @Test
  void thereAreNoReceiptsWhereThePolicySaysSoNorForGuests() {
    String quiet = "quiet-" + room;
    try (TestClient ann = service.user("ann");
        TestClient guest = service.guest()) {
      JsonNode joined = ann.join(quiet);
      assertThat(joined.has("reads") || joined.has("unread")).isFalse();
      ann.publishAcked(quiet, "a");
      for (String frame : List.of("read\",\"offset\":1", "reads\"")) {
        ann.send("{\"room\":\"%s\",\"ref\":\"r\",\"type\":\"%s}".formatted(quiet, frame));
        assertThat(ann.next("error").path("code").asString()).isEqualTo("forbidden");
      }
      joined = guest.join(room);
      assertThat(joined.has("reads") || joined.has("unread")).isFalse();
      read(guest, room, 1);
      assertThat(guest.next("error").path("code").asString()).isEqualTo("forbidden");
      assertThat(unread(guest, "\"" + room + "\"").get(0).path("code").asString())
          .isEqualTo("forbidden");
      // A guest sees the marks of others, as everybody in the room.
      ann.join(room);
      ann.publishAcked(room, "a");
      read(ann, room, 1);
      assertThat(guest.next("read").path("reads").path("ann").asLong()).isEqualTo(1);
    }
  }

  @Test
  void whoIsNotInTheRoomCannotMoveAMarkNorListThem() {
    try (TestClient ann = service.user("ann")) {
      for (String frame : List.of("read\",\"offset\":1", "reads\"")) {
        ann.send("{\"room\":\"%s\",\"ref\":\"r\",\"type\":\"%s}".formatted(room, frame));
        JsonNode error = ann.next("error");
        assertThat(error.path("code").asString()).isEqualTo("not_joined");
        assertThat(error.path("ref").asString()).isEqualTo("r");
      }
    }
  }

  @Test
  void brokenFramesAreRefusedWithTheFieldAtFault() {
    try (TestClient ann = service.user("ann")) {
      ann.send("{\"type\":\"read\",\"ref\":\"r\",\"offset\":-1}");
      assertThat(ann.next("error").path("path").asString()).isEqualTo("/offset");
      ann.send("{\"type\":\"reads\",\"ref\":\"r\",\"after\":\"x\"}");
      assertThat(ann.next("error").path("path").asString()).isEqualTo("/after");
      ann.send("{\"type\":\"unread\",\"ref\":\"r\",\"rooms\":[\"a\",\"b c\"]}");
      JsonNode error = ann.next("error");
      assertThat(error.path("code").asString()).isEqualTo("invalid_room");
      assertThat(error.path("path").asString()).isEqualTo("/rooms/1");
    }
  }

  @Test
  void plainModeMovesMarksAndIsAnsweredWhereItAsked() {
    try (TestClient page = service.handshake("/ws").token(service.token("ben", 3_600)).connect();
        TestClient ann = service.user("ann")) {
      ann.join(room);
      ann.publishAcked(room, "a");
      page.send("{\"type\":\"join\",\"room\":\"%s\",\"ref\":\"j\"}".formatted(room));
      JsonNode joined = page.next("joined");
      assertThat(joined.has("reads") || joined.has("unread")).isFalse();
      read(page, room, 1);
      assertThat(ann.next("read").path("reads").path("ben").asLong()).isEqualTo(1);
      page.send("{\"type\":\"unread\",\"rooms\":[\"%s\"]}".formatted(room));
      assertThat(unread(page, "\"" + room + "\"").get(0).path("unread").asLong(-1)).isZero();
      assertThat(page.all("unread")).hasSize(1);
      assertThat(page.all("read")).isEmpty();
    }
  }
}
