package dev.parley.attack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.parley.support.ParleyProcess;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;

/** Clients that make an instance, or its Redis, hold as much as they can. */
@Tag("attack")
@Timeout(90)
class RedisMemoryAttackIT {
  private static final String LONG = "x".repeat(60_000);
  private static final Pattern USED = Pattern.compile("used_memory:(\\d+)");

  @RegisterExtension static final Shared shared = Shared.REDIS;

  private static Siege siege;

  @BeforeAll
  static void take() {
    siege = shared.siege();
  }

  private static List<String> rooms(String name, int count) {
    return IntStream.range(0, count).mapToObj(i -> name + "-" + i).toList();
  }

  /** Bytes that Redis has in use. */
  private static long used() {
    String info = siege.redis().ask(redis -> redis.info("memory"));
    Matcher matcher = USED.matcher(info);
    assertThat(matcher.find()).isTrue();
    return Long.parseLong(matcher.group(1));
  }

  @Test
  void pagesOfTheLogOfAHundredRoomsAreNotAllHeldForOneThatDoesNotRead() throws Exception {
    List<String> rooms = rooms("replay", 200);
    fill(rooms);
    siege.withstands(
        "replay",
        () -> {
          List<Hostile> clients = new ArrayList<>();
          for (int count : new int[] {2, 20}) {
            for (Hostile client : Hostile.connect(siege.instance(), "mallory-replay", count)) {
              clients.add(client);
              List<String> half =
                  clients.size() % 2 == 0 ? rooms.subList(0, 100) : rooms.subList(100, 200);
              client.sendAll(List.of(Frames.join(half, ",\"last\":16")));
            }
            siege.last(Duration.ofSeconds(3));
          }
          clients.forEach(Hostile::close);
        });
  }

  /** Sixteen long messages in each room. */
  private static void fill(List<String> rooms) throws InterruptedException {
    ParleyProcess instance = siege.instance();
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      for (int i = 0; i < 40; i++) {
        int client = i;
        threads.execute(() -> {
          try (Hostile each = Hostile.connect(instance, 2 + client, token("writer-" + client))) {
            for (String room : rooms.subList(client * 5, client * 5 + 5)) {
              for (int message = 0; message < 16; message++) {
                each.send(Frames.asked(room, LONG));
              }
              for (int message = 0; message < 16; message++) {
                each.next("ack");
              }
            }
          } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
          }
        });
      }
    }
  }

  private static String token(String user) {
    return ParleyProcess.token(user);
  }

  @Test
  void framesBehindJoinsAreNotAllHeldWhileRedisIsSilent() throws Exception {
    siege.survives(
        "silent",
        () -> {
          List<Hostile> clients = Hostile.connect(siege.instance(), "mallory-silent", 80);
          siege.proxy().hold();
          try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < clients.size(); i++) {
              Hostile client = clients.get(i);
              List<byte[]> frames = new ArrayList<>();
              frames.add(Frames.join("silent-" + i));
              frames.addAll(java.util.Collections.nCopies(64, Frames.message("silent-" + i, LONG)));
              threads.execute(() -> client.sendAll(frames));
            }
            siege.last(Duration.ofSeconds(6));
            siege.proxy().heal();
            siege.last(Duration.ofSeconds(1));
            clients.forEach(Hostile::close);
          }
        });
  }

  @Test
  void aFullRedisTakesNothingInNewRoomsEither() throws Exception {
    siege.survives(
        "full",
        () -> {
          List<Hostile> clients = Hostile.connect(siege.instance(), "mallory-full", 5);
          long before = used();
          limit(before);
          try {
            for (Hostile client : clients) {
              for (String room : rooms("full-" + clients.indexOf(client), 50)) {
                client.send(Frames.asked(room, "x".repeat(4_000)));
              }
            }
            int accepted = 0;
            for (Hostile client : clients) {
              accepted += accepted(client, 50);
            }
            assertThat(accepted).as("messages that were accepted").isLessThan(30);
            assertThat(used() - before).as("bytes").isLessThan(500_000);
          } finally {
            limit(0);
          }
          clients.forEach(Hostile::close);
        });
  }

  /** How many of so many messages are accepted. */
  private static int accepted(Hostile client, int count) throws IOException {
    int accepted = 0;
    for (int i = 0; i < count; i++) {
      JsonNode answer = client.next("ack", "error");
      if (answer.path("type").asString().equals("ack")) {
        accepted++;
      } else {
        assertThat(answer.path("code").asString()).isEqualTo("broker_unavailable");
      }
    }
    return accepted;
  }

  private static void limit(long bytes) {
    String set = siege.redis().ask(redis -> redis.configSet("maxmemory", Long.toString(bytes)));
    assertThat(set).isEqualTo("OK");
  }

  /** Of the keys of these rooms. */
  private static Duration longestLife(String rooms) {
    return siege
        .redis()
        .ask(redis ->
            redis.keys("parley:*{" + rooms + "-*").stream()
                .map(redis::pttl)
                .map(Duration::ofMillis)
                .max(Comparator.naturalOrder())
                .orElse(Duration.ZERO));
  }

  @Test
  void namesOfRoomsThatNobodyEverSpeaksInAreFewAndShortLived() throws Exception {
    siege.withstands(
        "names",
        () -> {
          long before = used();
          long keys = siege.redis().ask(redis -> redis.dbsize());
          for (int round = 0; round < 50; round++) {
            try (Hostile client =
                Hostile.connect(siege.instance(), 2 + round, token("mallory-names"))) {
              client.send(Frames.join(rooms("unused-" + round, 100)));
              for (int i = 0; i < 100; i++) {
                client.next("joined", "error");
              }
            } catch (IOException refused) {
              // Fewer rooms tell of it.
            }
          }
          long opened = siege.redis().ask(redis -> redis.dbsize()) - keys;
          assertThat(opened).as("keys").isLessThan(2_500);
          assertThat(used() - before).as("bytes").isLessThan(2_000_000);
          // Who left comes back for some seconds.
          await()
              .atMost(Duration.ofSeconds(15))
              .untilAsserted(
                  () -> assertThat(longestLife("unused")).isLessThan(Duration.ofMinutes(15)));
        });
  }
}
