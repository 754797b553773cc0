package dev.parley.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.parley.broker.FaultProxy;
import dev.parley.broker.RedisProcess;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

/** An instance was restarted, and everybody comes back at once to rooms that are not open there. */
@Timeout(180)
class ReturnIT {
  private static final Logger log = LoggerFactory.getLogger(ReturnIT.class);
  private static final int CLIENTS = 100;
  private static final int ROOMS = 100;

  /**
   * It costs the instance, Redis and the clients some 5 s of processors, on a JVM that is cold; one
   * read after the other would take longer than this on any machine.
   */
  private static final Duration AT_MOST = Duration.ofSeconds(15);

  private final List<AutoCloseable> opened = new ArrayList<>();

  @AfterEach
  void closeAll() throws Exception {
    for (AutoCloseable each : opened.reversed()) {
      each.close();
    }
  }

  private <T extends AutoCloseable> T open(T closeable) {
    opened.add(closeable);
    return closeable;
  }

  private static ConditionFactory soon() {
    return await().atMost(Duration.ofSeconds(60)).pollInterval(Duration.ofMillis(10));
  }

  /** A connection with rooms of its own. */
  private static final class Guest {
    private final int number;
    private final int rooms;
    private final ConcurrentHashMap<String, String> epochs = new ConcurrentHashMap<>();
    private final AtomicInteger joined = new AtomicInteger();
    private final AtomicInteger recovered = new AtomicInteger();
    private final AtomicInteger messages = new AtomicInteger();
    private final AtomicInteger acks = new AtomicInteger();
    private final List<String> errors = new CopyOnWriteArrayList<>();

    Guest(int number, int rooms) {
      this.number = number;
      this.rooms = rooms;
    }

    WireClient connect(Door door) throws IOException {
      return WireClient.connect(door, "guest" + number, (_, frame) -> frame(frame));
    }

    private void frame(JsonNode frame) {
      switch (frame.path("type").asString()) {
        case "joined" -> {
          epochs.put(frame.path("room").asString(), frame.path("epoch").asString());
          if (frame.path("recovered").asBoolean(false)) {
            recovered.incrementAndGet();
          }
          joined.incrementAndGet();
        }
        case "message" -> messages.incrementAndGet();
        case "ack" -> acks.incrementAndGet();
        case "error" -> errors.add(frame.toString());
        default -> {
          // Who else comes and goes is other tests' subject.
        }
      }
    }

    private String room(int index) {
      return "g" + number + "-" + index;
    }

    /** Joins all of its rooms in one frame, behind the first message of each if it may. */
    String join(boolean since) {
      return IntStream.range(0, rooms)
          .mapToObj(this::room)
          .map(room ->
              since
                  ? "{\"room\":\"%s\",\"since\":{\"epoch\":\"%s\",\"offset\":1}}"
                      .formatted(room, epochs.get(room))
                  : "{\"room\":\"%s\"}".formatted(room))
          .collect(
              Collectors.joining(
                  ",", "{\"type\":\"join\",\"rooms\":[", since ? "]}" : "],\"last\":2}"));
    }

    void publish(WireClient client, int each, String content) throws IOException {
      for (int i = 0; i < rooms * each; i++) {
        client.send(
            "{\"type\":\"message\",\"room\":\"%s\",\"ref\":\"r\",\"content\":\"%s\"}"
                .formatted(room(i % rooms), content));
      }
    }

    boolean isBack(int replay) {
      boolean all = joined.get() >= rooms && messages.get() >= rooms * replay;
      return all || !errors.isEmpty();
    }
  }

  private static List<Guest> guests(int count, int rooms) {
    return IntStream.range(0, count).mapToObj(number -> new Guest(number, rooms)).toList();
  }

  /** Puts as many messages of this size into each room of each. */
  private static void fill(RedisProcess redis, List<Guest> guests, int each, int bytes)
      throws IOException {
    try (ParleyProcess instance =
        ParleyProcess.launch("return-before", redis.host(), redis.port()).awaitReady()) {
      for (Guest guest : guests) {
        try (WireClient client = guest.connect(instance)) {
          client.send(guest.join(false));
          soon().until(() -> guest.joined.get() == guest.rooms);
          guest.publish(client, each, "x".repeat(bytes));
          soon().until(() -> guest.acks.get() == guest.rooms * each);
          assertThat(guest.errors).isEmpty();
          guest.joined.set(0);
        }
        guest.messages.set(0);
      }
    }
  }

  /** Has all of them join on a new instance; answers how long it took. */
  private Duration comeBack(RedisProcess redis, List<Guest> guests, boolean since, int replay)
      throws IOException {
    FaultProxy proxy = open(new FaultProxy(redis.host(), redis.port()));
    ParleyProcess instance =
        open(
            ParleyProcess.launch("return-" + (since ? "since" : "last"), proxy.host(), proxy.port())
                .awaitReady());
    proxy.delay(Duration.ofMillis(1));
    List<WireClient> clients = new ArrayList<>();
    List<String> joins = new ArrayList<>();
    for (Guest guest : guests) {
      guest.joined.set(0);
      guest.messages.set(0);
      clients.add(open(guest.connect(instance)));
      joins.add(guest.join(since));
    }
    long begun = System.nanoTime();
    for (int i = 0; i < clients.size(); i++) {
      clients.get(i).send(joins.get(i));
    }
    soon().until(() -> guests.stream().allMatch(guest -> guest.isBack(replay)));
    return Duration.ofNanos(System.nanoTime() - begun);
  }

  @Test
  void aHundredClientsOfAHundredRoomsComeBackWithTheirPositions() throws IOException {
    RedisProcess redis = open(RedisProcess.launch());
    List<Guest> guests = guests(CLIENTS, ROOMS);
    fill(redis, guests, 3, 100);

    Duration took = comeBack(redis, guests, true, 2);

    log.info("10,000 joins with since took {} ms", took.toMillis());
    assertThat(guests).allMatch(guest -> guest.errors.isEmpty());
    assertThat(guests).allMatch(guest -> guest.recovered.get() == ROOMS);
    assertThat(guests).allMatch(guest -> guest.messages.get() == 2 * ROOMS);
    assertThat(took).isLessThan(AT_MOST);

    Duration tookWithLast = comeBack(redis, guests, false, 2);

    log.info("10,000 joins with last took {} ms", tookWithLast.toMillis());
    assertThat(guests).allMatch(guest -> guest.errors.isEmpty());
    assertThat(guests).allMatch(guest -> guest.messages.get() == 2 * ROOMS);
    assertThat(tookWithLast).isLessThan(AT_MOST);
  }

  @Test
  void clientsOfRoomsWithLargeMessagesComeBackMoreSlowlyAndNoneIsRefused() throws IOException {
    RedisProcess redis = open(RedisProcess.launch());
    List<Guest> guests = guests(2, 10);
    fill(redis, guests, 16, 60_000);

    Duration took = comeBack(redis, guests, true, 15);

    log.info("20 joins with 15 x 60 kB each took {} ms", took.toMillis());
    assertThat(guests).allMatch(guest -> guest.errors.isEmpty());
    assertThat(guests).allMatch(guest -> guest.recovered.get() == 10);
  }
}
