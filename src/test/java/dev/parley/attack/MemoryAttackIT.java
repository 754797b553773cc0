package dev.parley.attack;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.support.ParleyProcess;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;

/** Clients that make an instance without Redis hold as much as they can. */
@Tag("attack")
@Timeout(90)
class MemoryAttackIT {
  @RegisterExtension static final Shared shared = Shared.EMBEDDED;

  private static Siege siege;

  @BeforeAll
  static void take() {
    siege = shared.siege();
  }

  @Test
  void thousandsOfMessagesThatNeverEndAreNotHeld() throws Exception {
    byte[] begun = Frames.frame(Frames.FIRST_FRAGMENT, new byte[65_000]);
    List<Hostile> clients = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      clients.addAll(Hostile.connect(siege.instance(), "mallory-" + i, 1_000));
    }
    siege.withstands(
        "unfinished",
        () -> {
          // 65 MB a second, which is what a fast line brings.
          for (int i = 0; i < clients.size(); i++) {
            clients.get(i).sendAll(List.of(begun));
            if (i % 100 == 99) {
              siege.last(Duration.ofMillis(100));
            }
          }
          siege.last(Duration.ofSeconds(1));
        });
    clients.forEach(Hostile::close);
  }

  @Test
  void oneLargeMessageInEachOfSixThousandRoomsCostsNobodyTheirHistory() throws Exception {
    // Large messages are nothing new to an instance that has been running.
    for (int i = 61; i < 67; i++) {
      fillRooms(i, ParleyProcess.token("mallory-rooms-" + i));
    }
    siege.withstands(
        "rooms",
        () -> {
          try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            for (int i = 0; i < 61; i++) {
              String token = ParleyProcess.token("mallory-rooms-" + i);
              int client = i;
              threads.execute(() -> fillRooms(client, token));
            }
          }
          siege.last(Duration.ofSeconds(1));
        });
  }

  /** They are kept for minutes, in which 1,000 connections of one user may send 15 million. */
  @Test
  void floodOfMessageIdsIsRefusedAndThoseOfOthersAreNot() throws Exception {
    AtomicInteger accepted = new AtomicInteger();
    AtomicBoolean refused = new AtomicBoolean();
    List<Hostile> clients = Hostile.connect(siege.instance(), "mallory-ids", 1_000);
    siege.withstands(
        "ids",
        () -> {
          for (int round = 0; round < 6 && !refused.get(); round++) {
            if (round > 0) {
              // Faster, and the rate refuses them and closes their connections.
              siege.last(Duration.ofMillis(1_900));
            }
            try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
              for (int i = 0; i < clients.size(); i++) {
                Hostile client = clients.get(i);
                String ids = "%d-%d-".formatted(round, i);
                threads.execute(() -> flood(client, ids, accepted, refused));
              }
            }
          }
          assertThat(refused).as("after %s messages", accepted).isTrue();
        });
    clients.forEach(Hostile::close);
  }

  /** As many messages as may come at once, or few less. */
  private static void flood(
      Hostile client, String ids, AtomicInteger accepted, AtomicBoolean refused) {
    if (refused.get()) {
      return;
    }
    ByteArrayOutputStream frames = new ByteArrayOutputStream();
    for (int i = 0; i < 90; i++) {
      frames.writeBytes(
          Frames.text(
              "{\"type\":\"message\",\"room\":\"ids\",\"id\":\"%s%d\",\"content\":1}"
                  .formatted(ids, i)));
    }
    try {
      client.send(frames.toByteArray());
      for (int i = 0; i < 90 && !refused.get(); i++) {
        JsonNode answer = client.next("ack", "error");
        if (answer.path("type").asString().equals("ack")) {
          accepted.incrementAndGet();
        } else if (answer.path("code").asString().equals("broker_unavailable")) {
          refused.set(true);
        }
      }
    } catch (IOException closed) {
      // Those who are left go on.
    }
  }

  /** Joins as many rooms as it may, and says something long in each. */
  private static void fillRooms(int client, String token) {
    List<String> rooms =
        IntStream.range(0, 99).mapToObj(room -> "fill-%d-%d".formatted(client, room)).toList();
    try (Hostile hostile = Hostile.connect(siege.instance(), 2 + client, token)) {
      hostile.send(Frames.join(rooms));
      for (String room : rooms) {
        hostile.send(Frames.message(room, "x".repeat(60_000)));
      }
      hostile.send(Frames.text("{\"type\":\"ping\"}"));
      hostile.next("pong");
    } catch (IOException refused) {
      // It may be; what counts is what becomes of the others.
    }
  }
}
