package dev.parley.websocket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.parley.broker.Deletion;
import dev.parley.broker.PresentUsers;
import dev.parley.connection.ConnectionOperations;
import dev.parley.connection.ConnectionView;
import dev.parley.protocol.RoomName;
import dev.parley.protocol.UserId;
import dev.parley.room.RoomView;
import dev.parley.room.Rooms;
import dev.parley.support.ParleyService;
import dev.parley.support.TestClient;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** What operators do to connections and rooms, as clients see it. */
@Tag("service")
@ParameterizedClass(name = "{0} lanes")
@ValueSource(ints = {1, 3})
@Timeout(120)
class OperatorTests {
  private final ParleyService service;
  private final Rooms rooms;
  private final ConnectionOperations connections;
  private final String room = ParleyService.unique("operated");
  private final String user = ParleyService.unique("ann");

  OperatorTests(int lanes) {
    service = ParleyService.withLanes(lanes);
    rooms = service.bean(Rooms.class);
    connections = service.bean(ConnectionOperations.class);
  }

  private static <T> T get(CompletableFuture<T> future) {
    return future.orTimeout(10, TimeUnit.SECONDS).join();
  }

  private TestClient raw() {
    return service.handshake("/raw/" + room).token(service.token(user, 3_600)).connect();
  }

  @Test
  void userIsForcedToJoinOnEveryConnection() {
    try (TestClient one = service.user(user);
        TestClient two = service.user(user);
        TestClient other = service.guest()) {
      other.join(room);
      assertThat(get(connections.forceJoin(new UserId(user), new RoomName(room)))).isEqualTo(2);
      for (TestClient client : List.of(one, two)) {
        JsonNode joined = client.next("joined", room);
        assertThat(joined.has("ref")).isFalse();
        assertThat(joined.path("replay").asLong()).isZero();
      }
      assertThat(other.nextJson(frame -> frame.path("user").asString("").equals(user)).toString())
          .contains("user-joined");
      one.publish(room, "hello");
      assertThat(two.next("message").path("content").asString()).isEqualTo("hello");
      assertThat(get(connections.forceJoin(new UserId(user), new RoomName(room)))).isZero();
      assertThat(two.typesUntilPong()).doesNotContain("joined");
    }
  }

  @Test
  void nobodyIsForcedToJoinMoreRoomsThanAConnectionMayHave() {
    try (TestClient one = service.user(user)) {
      for (int i = 0; i < 100; i++) {
        one.join(room + "-" + i);
      }
      assertThat(get(connections.forceJoin(new UserId(user), new RoomName(room)))).isZero();
      assertThat(one.typesUntilPong()).doesNotContain("joined");
    }
  }

  @Test
  void userIsForcedToLeaveOnEveryConnectionAndTheRoomHearsOfItAtOnce() {
    try (TestClient one = service.user(user);
        TestClient two = service.user(user);
        TestClient device = raw();
        TestClient other = service.guest()) {
      one.join(room);
      two.join(room);
      other.join(room);
      device.send("I am in");
      one.next("message");
      assertThat(get(connections.forceLeave(new UserId(user), new RoomName(room)))).isEqualTo(3);
      for (TestClient client : List.of(one, two)) {
        JsonNode left = client.next("left");
        assertThat(left.path("reason").asString()).isEqualTo("removed");
        assertThat(left.path("room").asString()).isEqualTo(room);
        assertThat(left.has("ref")).isFalse();
      }
      assertThat(device.awaitCloseCode()).isEqualTo(4500);
      assertThat(other.next("user-left").path("user").asString()).isEqualTo(user);
      one.send("{\"type\":\"message\",\"room\":\"" + room + "\",\"content\":1,\"ref\":\"m\"}");
      assertThat(one.next("error").path("code").asString()).isEqualTo("not_joined");
      assertThat(get(connections.forceLeave(new UserId(user), new RoomName(room)))).isZero();
      one.join(room);
    }
  }

  @Test
  void whoIsForcedToLeaveWhileJoiningHasLeftAfterIt() {
    try (TestClient one = service.user(user)) {
      for (int i = 0; i < 50; i++) {
        one.send("{\"type\":\"join\",\"room\":\"" + room + "\",\"ref\":\"j" + i + "\"}");
        int taken = get(connections.forceLeave(new UserId(user), new RoomName(room)));
        one.send("{\"type\":\"signal\",\"room\":\"" + room + "\",\"name\":\"n\"}");
        one.next("joined");
        if (taken == 0) {
          // It came before the join.
          assertThat(get(connections.forceLeave(new UserId(user), new RoomName(room))))
              .isEqualTo(1);
          one.next("left");
        } else {
          one.next("left");
          assertThat(one.next("error").path("code").asString()).isEqualTo("not_joined");
        }
      }
    }
  }

  @Test
  void roomIsClosedForAllWhoAreIn() {
    List<TestClient> clients = new ArrayList<>();
    try (TestClient device = raw()) {
      for (int i = 0; i < 10; i++) {
        TestClient client = service.guest();
        clients.add(client);
        client.join(room);
      }
      device.send("I am in");
      clients.forEach(client -> client.next("message"));
      assertThat(get(rooms.closeRoom(new RoomName(room)))).isEqualTo(11);
      for (TestClient client : clients) {
        JsonNode left = client.next("left");
        assertThat(left.path("reason").asString()).isEqualTo("closed");
        assertThat(left.path("room").asString()).isEqualTo(room);
      }
      assertThat(device.awaitCloseCode()).isEqualTo(4500);
      await()
          .untilAsserted(() ->
              assertThat(get(rooms.members(new RoomName(room), null, 10)))
                  .isEqualTo(new PresentUsers(List.of(), false)));
      assertThat(get(rooms.closeRoom(new RoomName(room)))).isZero();
      assertThat(get(rooms.closeRoom(new RoomName("never-" + room)))).isZero();
      clients.getFirst().join(room);
    } finally {
      clients.forEach(TestClient::close);
    }
  }

  @Test
  void userAndConnectionAreDisconnected() {
    try (TestClient one = service.user(user);
        TestClient two = service.user(user);
        TestClient device = raw();
        TestClient other = service.guest()) {
      ConnectionView view = ofUser(user).getFirst();
      assertThat(get(connections.disconnect(view.id()))).isTrue();
      assertThat(one.awaitCloseCode()).isEqualTo(4500);
      assertThat(get(connections.disconnect(new UserId(user)))).isEqualTo(2);
      assertThat(two.awaitCloseCode()).isEqualTo(4500);
      assertThat(device.awaitCloseCode()).isEqualTo(4500);
      await().until(() -> ofUser(user).isEmpty());
      assertThat(get(connections.disconnect(view.id()))).isFalse();
      assertThat(get(connections.disconnect(new UserId(user)))).isZero();
      assertThat(other.typesUntilPong()).isEmpty();
      assertThat(other.isOpen()).isTrue();
    }
  }

  @Test
  void connectionIsSeenWithWhereItComesFromAndWhatItDoes() {
    Instant before = Instant.now().minusSeconds(60);
    String agent = "Test/1.0 " + "x".repeat(200);
    try (TestClient one =
            service
                .handshake("/ws")
                .subprotocol("parley.v1")
                .header("User-Agent: " + agent)
                .token(service.token(user, 3_600))
                .connect();
        TestClient device = raw()) {
      one.next("welcome");
      one.join(room + "-b");
      one.join(room + "-a");
      one.publish(room + "-a", "m");
      one.next("message");
      device.send("m");
      device.next();
      ConnectionView view = ofUser(user).getFirst();
      assertThat(view.username()).isEqualTo("Name of " + user);
      assertThat(view.guest()).isFalse();
      assertThat(view.transport()).isEqualTo("websocket");
      assertThat(view.address()).isEqualTo("127.0.0.1");
      assertThat(view.agent()).isEqualTo(agent.substring(0, 128));
      assertThat(view.since()).isBetween(before, Instant.now().plusSeconds(60));
      assertThat(view.rooms())
          .containsExactly(new RoomName(room + "-a"), new RoomName(room + "-b"));
      assertThat(view.messagesIn()).isEqualTo(3);
      assertThat(view.outboundBytes()).isZero();
      assertThat(view.subprotocol()).isEqualTo("parley.v1");
      ConnectionView raw = ofUser(user).getLast();
      assertThat(raw.transport()).isEqualTo("raw");
      assertThat(raw.rooms()).containsExactly(new RoomName(room));
      assertThat(raw.messagesIn()).isEqualTo(1);
      assertThat(raw.subprotocol()).isNull();
      assertThat(view.roundTripMillis()).isNull();
      assertThat(get(connections.find(view.id()))).isEqualTo(view);
      assertThat(get(connections.find(Long.MAX_VALUE))).isNull();
    }
  }

  @Test
  void roundTripIsMeasuredByTheHeartbeat() {
    ParleyService beating = ParleyService.shared("parley.websocket.heartbeat=1s");
    ConnectionOperations there = beating.bean(ConnectionOperations.class);
    try (TestClient one = beating.user(user)) {
      await()
          .atMost(Duration.ofSeconds(20))
          .until(() -> get(there.list(null, 1, null, null)).getFirst().roundTripMillis() != null);
      assertThat(get(there.list(null, 1, null, null)).getFirst().roundTripMillis())
          .isBetween(0.0, 10_000.0);
      assertThat(one.isOpen()).isTrue();
    }
  }

  /** The connections of this user in order of their ids, read in pages. */
  private List<ConnectionView> ofUser(String user) {
    List<ConnectionView> all = new ArrayList<>();
    List<ConnectionView> page = get(connections.list(null, 2, null, null));
    while (!page.isEmpty()) {
      all.addAll(page);
      page = get(connections.list(page.getLast().id(), 2, null, null));
    }
    assertThat(all.stream().map(ConnectionView::id)).isSorted().doesNotHaveDuplicates();
    return all.stream().filter(view -> view.user().value().equals(user)).toList();
  }

  @Test
  void openRoomsAreListedInPagesByName() {
    try (TestClient one = service.user(user);
        TestClient two = service.guest()) {
      List<String> names = IntStream.range(0, 23).mapToObj(i -> room + "-" + i).sorted().toList();
      names.forEach(one::join);
      two.join(room + "-7");
      one.publishAcked(room + "-7", "m");
      await()
          .untilAsserted(() ->
              assertThat(Objects.requireNonNull(get(rooms.view(new RoomName(room + "-7")))))
                  .satisfies(view -> {
                    assertThat(view.connections()).isEqualTo(2);
                    assertThat(view.members()).isEqualTo(2);
                    assertThat(view.offset()).isEqualTo(1);
                  }));
      List<RoomView> listed = new ArrayList<>();
      List<RoomView> page = get(rooms.list(null, 5));
      while (!page.isEmpty()) {
        assertThat(page).hasSizeLessThanOrEqualTo(5);
        listed.addAll(page);
        page = get(rooms.list(page.getLast().name(), 5));
      }
      assertThat(listed.stream().map(view -> view.name().value())).isSorted();
      assertThat(
              listed.stream()
                  .map(view -> view.name().value())
                  .filter(name -> name.startsWith(room + "-")))
          .containsExactlyElementsOf(names);
      assertThat(get(rooms.view(new RoomName("never-" + room)))).isNull();
    }
  }

  @Test
  void membersAreListedInPages() {
    try (TestClient one = service.user(user + "-1");
        TestClient two = service.user(user + "-2");
        TestClient again = service.user(user + "-2");
        TestClient three = service.user(user + "-3")) {
      for (TestClient client : List.of(one, two, again, three)) {
        client.join(room);
      }
      RoomName name = new RoomName(room);
      PresentUsers first = (PresentUsers) get(rooms.members(name, null, 2));
      assertThat(first.users().stream().map(member -> member.user().value()))
          .containsExactly(user + "-1", user + "-2");
      assertThat(first.users().getLast().username()).isEqualTo("Name of " + user + "-2");
      assertThat(first.users().getLast().instances()).isEqualTo(1);
      UserId last = first.users().getLast().user();
      PresentUsers second = (PresentUsers) get(rooms.members(name, last, 2));
      assertThat(first.more()).isTrue();
      assertThat(second.users().stream().map(member -> member.user().value()))
          .containsExactly(user + "-3");
      assertThat(second.more()).isFalse();
      assertThat(get(rooms.members(new RoomName("never-" + room), null, 5)))
          .isEqualTo(new PresentUsers(List.of(), false));
    }
  }

  @Test
  void deletedMessageIsToldToThoseWhoAreInAndNotShownAgain() {
    RoomName name = new RoomName(room);
    try (TestClient ann = service.guest();
        TestClient plain = service.plain();
        TestClient device = raw()) {
      String epoch = ann.join(room).path("epoch").asString();
      plain.send("{\"type\":\"join\",\"room\":\"" + room + "\",\"ref\":\"j\"}");
      plain.next("joined");
      for (int i = 1; i <= 5; i++) {
        ann.publishAcked(room, "m" + i);
      }
      await().until(() -> ann.all("message").size() == 5);
      assertThat(get(rooms.delete(name, 3))).isEqualTo(Deletion.DELETED);
      assertThat(get(rooms.delete(name, 3))).isEqualTo(Deletion.ABSENT);
      assertThat(get(rooms.delete(name, 6))).isEqualTo(Deletion.ABSENT);
      ann.publishAcked(room, "m6");
      assertThat(ann.all("deleted")).hasSize(1);
      assertThat(ann.all("deleted").getFirst().toString())
          .isEqualTo("{\"type\":\"deleted\",\"room\":\"" + room + "\",\"offset\":3}");
      plain.next(frame -> frame.text().contains("m6"));
      device.next(frame -> frame.text().equals("m6"));
      assertThat(plain.all("deleted")).isEmpty();
      assertThat(device.received()).noneMatch(frame -> frame.text().contains("deleted"));

      try (TestClient back = service.guest()) {
        JsonNode joined = back.join(room, epoch, 1);
        assertThat(joined.path("recovered").asBoolean()).isTrue();
        assertThat(joined.path("replay").asLong()).isEqualTo(5);
        assertThat(back.next().json().path("content").asString()).isEqualTo("m2");
        JsonNode tombstone = back.next().json();
        assertThat(tombstone.path("type").asString()).isEqualTo("deleted");
        assertThat(tombstone.path("offset").asLong()).isEqualTo(3);
        for (int i = 4; i <= 6; i++) {
          assertThat(back.next().json().path("content").asString()).isEqualTo("m" + i);
        }
        assertThat(get(rooms.delete(name, 5))).isEqualTo(Deletion.DELETED);
        assertThat(back.next("deleted").path("offset").asLong()).isEqualTo(5);
        // The page that was read a moment ago is kept for others, but not this message.
        joined = back.join(room, epoch, 0);
        assertThat(joined.path("replay").asLong()).isEqualTo(6);
        assertThat(back.next("deleted").path("offset").asLong()).isEqualTo(3);
        assertThat(back.next("deleted").path("offset").asLong()).isEqualTo(5);
        assertThat(back.next("message").path("content").asString()).isEqualTo("m6");
      }
    }
  }

  @Test
  void historyLeavesDeletedMessagesOut() {
    RoomName name = new RoomName(room);
    try (TestClient ann = service.guest()) {
      ann.join(room);
      for (int i = 1; i <= 150; i++) {
        ann.publish(room, "m" + i);
      }
      ann.publishAcked(room, "m151");
      for (int i = 1; i <= 151; i++) {
        if (i != 1 && i != 100 && i != 150) {
          assertThat(get(rooms.delete(name, i))).isEqualTo(Deletion.DELETED);
        }
      }
      assertThat(history(ann, "")).isEqualTo("1 100 150 false");
      assertThat(history(ann, ",\"limit\":2")).isEqualTo("100 150 true");
      assertThat(history(ann, ",\"before\":100,\"limit\":2")).isEqualTo("1 false");
      assertThat(history(ann, ",\"after\":1,\"limit\":1")).isEqualTo("100 true");
      assertThat(history(ann, ",\"after\":100,\"limit\":1")).isEqualTo("150 false");
      assertThat(history(ann, ",\"after\":150,\"limit\":1")).isEqualTo("false");
      assertThat(history(ann, ",\"after\":0,\"limit\":50")).isEqualTo("1 100 150 false");
    }
  }

  private String history(TestClient client, String fields) {
    client.send("{\"type\":\"history\",\"room\":\"" + room + "\",\"ref\":\"h\"" + fields + "}");
    JsonNode page = client.next("history");
    StringBuilder text = new StringBuilder();
    page.path("messages").forEach(each -> text.append(each.path("offset").asLong()).append(' '));
    return text.append(page.path("more").asBoolean()).toString();
  }
}
