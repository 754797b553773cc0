package dev.parley.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.parley.support.ParleyProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import tools.jackson.databind.JsonNode;

/** A connection of a user in the room, which notes who comes and goes. */
final class RoomMember {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final List<String> notices = new CopyOnWriteArrayList<>();
  private final String room;
  private final WireClient client;
  private volatile int members = -1;
  private volatile boolean left;
  private volatile int afterMs = -1;

  RoomMember(ParleyProcess instance, String room, String user) {
    this.room = room;
    try {
      client = WireClient.connect(instance, user, (from, frame) -> frame(frame));
      client.send("{\"type\":\"join\",\"room\":\"%s\"}".formatted(room));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    await().atMost(PATIENCE).until(() -> members >= 0);
  }

  private void frame(JsonNode frame) {
    switch (frame.path("type").asString()) {
      case "joined" -> members = frame.path("members").asInt();
      case "user-joined" -> notices.add("+" + frame.path("user").asString());
      case "user-left" -> notices.add("-" + frame.path("user").asString());
      case "left" -> left = true;
      case "reconnect" -> afterMs = frame.path("afterMs").asInt();
      default -> {
        // Messages are other tests' subject.
      }
    }
  }

  void leave() throws IOException {
    client.send("{\"type\":\"leave\",\"ref\":\"l\",\"room\":\"%s\"}".formatted(room));
    await().atMost(PATIENCE).until(() -> left);
  }

  void hears(String... expected) {
    await().atMost(PATIENCE).untilAsserted(() -> assertThat(notices).containsExactly(expected));
  }

  WireClient client() {
    return client;
  }

  /** Who came, with a plus, and who went, with a minus, in this order. */
  List<String> notices() {
    return notices;
  }

  /** How many there were when it joined. */
  int members() {
    return members;
  }

  /** When it is to connect again, negative as long as nobody said so. */
  int afterMs() {
    return afterMs;
  }
}
