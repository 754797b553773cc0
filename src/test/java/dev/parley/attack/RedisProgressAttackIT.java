package dev.parley.attack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.parley.support.ParleyProcess;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

/** What keeps others from getting on, where rooms are on Redis. */
@Tag("attack")
@Timeout(90)
class RedisProgressAttackIT {
  private static final Logger log = LoggerFactory.getLogger(RedisProgressAttackIT.class);
  private static final int CLIENTS = 100;
  private static final int ROOMS = 100;

  @RegisterExtension static final Shared shared = Shared.REDIS;

  private static Siege siege;
  private static List<List<Place>> places;

  private record Place(String room, String epoch) {}

  private static final Duration SOON = Duration.ofSeconds(2);

  /**
   * How often they come back at most. The bound is that of an instance that has been running: half
   * of what it does the second time is still to compile its code.
   */
  private static final int TIMES = 4;

  /** Long before they come back: rooms that nobody has used for some seconds are open no more. */
  @BeforeAll
  static void speakInAllRooms() throws Exception {
    siege = shared.siege();
    places = all(IntStream.range(0, CLIENTS).<Callable<List<Place>>>mapToObj(i -> () -> speak(i)));
  }

  @Test
  void aHundredClientsComeBackToAHundredRoomsEachAndNobodyIsRefused() throws Exception {
    ParleyProcess instance = siege.instance();
    double excess = Double.POSITIVE_INFINITY;
    for (int i = 0; i < TIMES && excess > 1; i++) {
      awaitNoRooms(instance);
      Contention contention = Contention.of(instance.pid(), ProcessHandle.current().pid());
      Duration before = processorTime(instance);
      Duration took = comeBack(instance, CLIENTS);
      Duration used = processorTime(instance).minus(before);
      double allowance = contention.allowance();
      excess = took.toMillis() / (SOON.toMillis() * allowance);
      log.info(
          "{} rooms after {}, {} of it processor time of the instance, bound times {}",
          CLIENTS * ROOMS,
          took,
          used,
          allowance);
    }
    assertThat(excess)
        .as("times of the bound, beside other programs that are allowed for")
        .isLessThanOrEqualTo(1);
  }

  private static Duration processorTime(ParleyProcess instance) {
    return ProcessHandle.of(instance.pid())
        .flatMap(process -> process.info().totalCpuDuration())
        .orElse(Duration.ZERO);
  }

  private static void awaitNoRooms(ParleyProcess instance) {
    await()
        .atMost(Duration.ofSeconds(40))
        .pollInterval(Duration.ofMillis(200))
        .until(() -> instance.metric("parley_rooms", "") < CLIENTS);
  }

  /** How long it takes until all of them are back in all rooms. */
  private static Duration comeBack(ParleyProcess instance, int count) throws Exception {
    List<Hostile> clients = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      clients.add(Hostile.connect(instance, 2 + i, ParleyProcess.token("returns-" + i)));
    }
    siege.proxy().delay(Duration.ofMillis(1));
    long start = System.nanoTime();
    List<Integer> recovered =
        all(
            IntStream.range(0, count)
                .<Callable<Integer>>mapToObj(i -> () -> comeBack(clients.get(i), places.get(i))));
    Duration took = Duration.ofNanos(System.nanoTime() - start);
    siege.proxy().heal();
    clients.forEach(Hostile::close);
    assertThat(recovered.stream().mapToInt(Integer::intValue).sum())
        .as("rooms, after %s", took)
        .isEqualTo(count * ROOMS);
    return took;
  }

  private static <T> List<T> all(java.util.stream.Stream<Callable<T>> tasks) throws Exception {
    List<T> results = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<T>> futures = tasks.map(threads::submit).toList();
      for (Future<T> future : futures) {
        results.add(future.get());
      }
    }
    return results;
  }

  /** Publishes a message in each of its rooms. */
  private static List<Place> speak(int client) throws IOException {
    List<Place> places = new ArrayList<>();
    String token = ParleyProcess.token("speaks-" + client);
    try (Hostile speaker = Hostile.connect(siege.instance(), 2 + client, token)) {
      for (int i = 0; i < ROOMS; i++) {
        speaker.send(Frames.asked("return-%d-%d".formatted(client, i), "hello"));
        JsonNode ack = speaker.next("ack", "error");
        assertThat(ack.path("type").asString()).as("%s", ack).isEqualTo("ack");
        places.add(new Place(ack.path("room").asString(), ack.path("epoch").asString()));
      }
    }
    return places;
  }

  /** Resumes in all rooms before the message that is there. */
  private static int comeBack(Hostile client, List<Place> places) throws IOException {
    String rooms =
        places.stream()
            .map(place ->
                "{\"room\":\"%s\",\"since\":{\"epoch\":\"%s\",\"offset\":0}}"
                    .formatted(place.room(), place.epoch()))
            .collect(Collectors.joining(","));
    client.send(Frames.text("{\"type\":\"join\",\"ref\":\"j\",\"rooms\":[" + rooms + "]}"));
    int recovered = 0;
    for (int i = 0; i < places.size(); i++) {
      JsonNode answer = client.next("joined", "error");
      if (answer.path("recovered").asBoolean() && answer.path("replay").asInt() == 1) {
        recovered++;
      }
    }
    return recovered;
  }

  @Test
  void connectionsThatRedisKillsAreOpenedAgainAtLeisureAndLeaveNothingBehind() throws Exception {
    AtomicInteger killed = new AtomicInteger();
    siege.survives(
        "killed",
        () -> {
          long end = System.nanoTime() + Duration.ofSeconds(5).toNanos();
          while (System.nanoTime() < end) {
            killed.addAndGet(killAll());
          }
        });
    // Each of them would be back after 50 ms and less.
    assertThat(killed.get()).as("connections in 5 s").isLessThan(60);
    assertThat(siege.instances("io.lettuce.core.StatefulRedisConnectionImpl")).isLessThan(10);
  }

  /** How many connections of the instance there were. */
  private static int killAll() {
    return siege
        .redis()
        .ask(redis -> {
          int count = 0;
          for (String client : redis.clientList().lines().toList()) {
            if (!client.contains("cmd=client")) {
              String id = client.replaceFirst("id=(\\d+) .*", "$1");
              count +=
                  redis
                      .clientKill(io.lettuce.core.KillArgs.Builder.id(Long.parseLong(id)))
                      .intValue();
            }
          }
          return count;
        });
  }
}
