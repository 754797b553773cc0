package dev.parley.attack;

import dev.parley.cluster.ParleyProcess;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Clients that make an instance without Redis hold as much as they can. */
@Tag("attack")
@Timeout(90)
class MemoryAttackIT {
  private static Siege siege;

  @BeforeAll
  static void start() {
    siege = Siege.ofOne("attack-memory");
  }

  @AfterAll
  static void stop() {
    siege.close();
  }

  @Test
  void thousandsOfMessagesThatNeverEndAreNotHeld() throws Exception {
    byte[] begun = Frames.frame(Frames.FIRST_FRAGMENT, new byte[65_000]);
    List<Hostile> clients = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
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
          siege.last(Duration.ofSeconds(3));
        });
    clients.forEach(Hostile::close);
  }

  @Test
  void oneLargeMessageInEachOfSixThousandRoomsCostsNobodyTheirHistory() throws Exception {
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
