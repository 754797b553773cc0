package dev.parley.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.support.ParleyService;
import dev.parley.support.Received;
import dev.parley.support.TestClient;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** docs/PROTOCOL.md, promises 1, 2 and 4: a client that comes back misses nothing. */
@Tag("service")
@ParameterizedClass(name = "{0} lanes")
@ValueSource(ints = {1, 3})
@Timeout(180)
class ResumeTests {
  private static final int PUBLISHERS = 4;

  private final ParleyService service;
  private final ParleyService shortMemory;
  private final String room = ParleyService.unique("resume");

  ResumeTests(int lanes) {
    service =
        ParleyService.shared(
            "parley.limits.enabled=false",
            "parley.lanes=" + lanes,
            "parley.history.size=200000",
            "parley.history.bytes=1GB");
    shortMemory =
        ParleyService.shared(
            "parley.limits.enabled=false",
            "parley.lanes=" + lanes,
            "parley.history.size=400",
            "parley.history.bytes=1GB");
  }

  @Test
  void exactlyWhatWasMissedIsReplayed() {
    try (TestClient ann = service.guest()) {
      String epoch = ann.join(room).path("epoch").asString();
      publish(ann, 700);
      for (long since : new long[] {0, 1, 255, 256, 257, 699, 700}) {
        try (TestClient ben = service.guest()) {
          JsonNode joined = ben.join(room, epoch, since);
          assertThat(joined.path("recovered").asBoolean()).isTrue();
          assertThat(joined.path("replay").asLong()).isEqualTo(700 - since);
          assertThat(joined.path("offset").asLong()).isEqualTo(700);
          for (long offset = since + 1; offset <= 700; offset++) {
            JsonNode message = ben.next().json();
            assertThat(message.path("offset").asLong()).isEqualTo(offset);
            assertThat(message.path("content").asString()).isEqualTo("m" + offset);
          }
          assertThat(ben.next().type()).isEqualTo("user-joined");
        }
      }
    }
  }

  @Test
  void aPositionThatDoesNotHoldIsNotRecovered() {
    try (TestClient ann = service.guest()) {
      String epoch = ann.join(room).path("epoch").asString();
      publish(ann, 3);
      assertNotRecovered(epoch, 4);
      assertNotRecovered("0".repeat(epoch.length()), 1);
    }
  }

  @Test
  void aPositionBeforeWhatIsKeptIsNotRecovered() {
    try (TestClient ann = shortMemory.guest()) {
      String epoch = ann.join(room).path("epoch").asString();
      publish(ann, 700);
      try (TestClient ben = shortMemory.guest()) {
        JsonNode joined = ben.join(room, epoch, 299);
        assertThat(joined.path("recovered").asBoolean(true)).isFalse();
        assertThat(joined.path("replay").asLong()).isZero();
        assertThat(ben.next().type()).isEqualTo("user-joined");
      }
      try (TestClient ben = shortMemory.guest()) {
        JsonNode joined = ben.join(room, epoch, 300);
        assertThat(joined.path("recovered").asBoolean()).isTrue();
        assertThat(joined.path("replay").asLong()).isEqualTo(400);
        assertThat(ben.next("message").path("offset").asLong()).isEqualTo(301);
      }
      try (TestClient ben = shortMemory.guest()) {
        ben.send("{\"type\":\"join\",\"room\":\"" + room + "\",\"last\":1000}");
        JsonNode joined = ben.next("joined");
        assertThat(joined.has("recovered")).isFalse();
        assertThat(joined.path("replay").asLong()).isEqualTo(400);
        assertThat(ben.next("message").path("offset").asLong()).isEqualTo(301);
      }
    }
  }

  @Test
  void whatIsTrimmedUnderARunningReplayIsToldAsAGap() {
    String large = "x".repeat(60_000);
    try (TestClient ann = shortMemory.guest();
        TestClient ben =
            shortMemory
                .handshake("/ws")
                .subprotocol("parley.v1")
                .receiveBuffer(8_192)
                .notReading()
                .connect()) {
      String epoch = ann.join(room).path("epoch").asString();
      ann.next("user-joined");
      publishAcked(ann, large, 300);
      ben.send(
          """
          {"type":"join","room":"%s","since":{"epoch":"%s","offset":0}}\
          """
              .formatted(room, epoch));
      ann.next("user-joined");
      // Some of the 18 MB fit between us and the reader, and what is trimmed now does not.
      publishAcked(ann, large, 550);
      ben.read();
      JsonNode joined = ben.next("joined");
      assertThat(joined.path("recovered").asBoolean()).isTrue();
      assertThat(joined.path("replay").asLong()).isEqualTo(joined.path("offset").asLong());
      long seen = 0;
      long missed = 0;
      while (seen < 850) {
        JsonNode frame = ben.next().json();
        switch (frame.path("type").asString()) {
          case "gap" -> {
            assertThat(frame.path("from").asLong()).isEqualTo(seen + 1);
            assertThat(frame.path("reason").asString()).isEqualTo("history");
            missed += frame.path("to").asLong() - seen;
            seen = frame.path("to").asLong();
          }
          case "message" -> assertThat(frame.path("offset").asLong()).isEqualTo(++seen);
          default -> assertThat(frame.path("type").asString()).isIn("user-joined", "members");
        }
      }
      assertThat(missed).isPositive();
      ann.publish(room, "after");
      assertThat(ben.next("message").path("offset").asLong()).isEqualTo(851);
    }
  }

  @Test
  void catchingUpIsNotBeingSlow() {
    String large = "x".repeat(64 * 1024 - 200);
    try (TestClient ann = service.guest();
        TestClient ben =
            service
                .handshake("/ws")
                .subprotocol("parley.v1")
                .receiveBuffer(64 * 1024)
                .notReading()
                .connect()) {
      String epoch = ann.join(room).path("epoch").asString();
      publishAcked(ann, large, 1_000);
      ben.send(
          """
          {"type":"join","room":"%s","since":{"epoch":"%s","offset":0}}\
          """
              .formatted(room, epoch));
      // Live messages meanwhile do not add up behind the replay either.
      publishAcked(ann, large, 50);
      ben.read();
      assertThat(ben.next("joined").path("recovered").asBoolean()).isTrue();
      for (long offset = 1; offset <= 1_050; offset++) {
        assertThat(ben.next("message").path("offset").asLong()).isEqualTo(offset);
      }
      assertThat(ben.isOpen()).isTrue();
    }
  }

  @Test
  void whoReconnectsAgainAndAgainSeesEveryMessageOnceInOrder() throws Exception {
    int each = 6_000;
    CountDownLatch start = new CountDownLatch(1);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        TestClient witness = service.guest()) {
      String epoch = witness.join(room).path("epoch").asString();
      List<Future<?>> publishers = new ArrayList<>();
      for (int p = 0; p < PUBLISHERS; p++) {
        String name = "p" + p;
        publishers.add(
            threads.submit(() -> {
              start.await();
              publishNumbered(name, each);
              return null;
            }));
      }
      List<Future<List<String>>> readers = new ArrayList<>();
      for (int r = 0; r < 3; r++) {
        readers.add(threads.submit(() -> readWithReconnects(epoch, each * PUBLISHERS)));
      }
      start.countDown();
      List<String> first = readers.getFirst().get();
      for (Future<List<String>> reader : readers) {
        assertThat(reader.get()).isEqualTo(first);
      }
      for (Future<?> publisher : publishers) {
        publisher.get();
      }
      assertEachPublishersOrder(first, each);
      witness.next(f -> f.type().equals("message") && offset(f) == (long) each * PUBLISHERS);
      List<String> live =
          witness.all("message").stream().map(f -> f.path("content").asString()).toList();
      assertThat(live).isEqualTo(first);
    }
  }

  @Test
  void aReturningCrowdSharesThePagesOfTheLog() {
    try (TestClient ann = service.guest()) {
      String epoch = ann.join(room).path("epoch").asString();
      publish(ann, 2_000);
      List<TestClient> crowd = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        TestClient one = service.guest();
        one.send(
            """
            {"type":"join","room":"%s","since":{"epoch":"%s","offset":%d}}\
            """
                .formatted(room, epoch, i * 19));
        crowd.add(one);
      }
      ann.publish(room, "live");
      for (int i = 0; i < crowd.size(); i++) {
        TestClient one = crowd.get(i);
        assertThat(one.next("joined").path("recovered").asBoolean()).isTrue();
        for (long offset = 19L * i + 1; offset <= 2_001; offset++) {
          assertThat(one.next("message").path("offset").asLong()).isEqualTo(offset);
        }
        one.close();
      }
    }
  }

  private void assertNotRecovered(String epoch, long offset) {
    try (TestClient client = service.guest()) {
      JsonNode joined = client.join(room, epoch, offset);
      assertThat(joined.path("recovered").asBoolean(true)).isFalse();
      assertThat(joined.path("replay").asLong()).isZero();
      assertThat(joined.path("offset").asLong()).isEqualTo(3);
      assertThat(client.next().type()).isEqualTo("user-joined");
    }
  }

  private void publish(TestClient client, int count) {
    for (int i = 1; i <= count; i++) {
      client.publish(room, "m" + i);
    }
    client.next(f -> f.type().equals("message") && offset(f) == count);
  }

  private void publishAcked(TestClient client, String content, int count) {
    for (int i = 1; i <= count; i++) {
      client.publishAcked(room, content);
    }
  }

  private void publishNumbered(String name, int count) {
    try (TestClient client = service.guest()) {
      client.join(room);
      for (int i = 1; i <= count; i++) {
        client.send(
            """
            {"type":"message","room":"%s","id":"%s-%d","content":"%s %d"}\
            """
                .formatted(room, name, i, name, i));
      }
      for (int i = 1; i <= count; i++) {
        assertThat(client.next("ack").path("id").asString()).isEqualTo(name + "-" + i);
      }
    }
  }

  /** Reads a few messages, drops the connection, resumes; what it saw, in order. */
  private List<String> readWithReconnects(String epoch, int total) {
    List<String> seen = new ArrayList<>();
    int connections = 0;
    while (seen.size() < total) {
      TestClient client = service.guest();
      JsonNode joined = client.join(room, epoch, seen.size());
      assertThat(joined.path("recovered").asBoolean()).isTrue();
      int until = Math.min(total, seen.size() + 400 + 37 * (connections++ % 11));
      while (seen.size() < until) {
        JsonNode message = client.next("message");
        assertThat(message.path("offset").asLong()).isEqualTo(seen.size() + 1L);
        seen.add(message.path("content").asString());
      }
      client.drop();
    }
    return seen;
  }

  private static void assertEachPublishersOrder(List<String> contents, int each) {
    Map<String, Integer> last = new HashMap<>();
    for (String content : contents) {
      int space = content.indexOf(' ');
      int number = Integer.parseInt(content.substring(space + 1));
      assertThat(last.merge(content.substring(0, space), 1, Integer::sum)).isEqualTo(number);
    }
    assertThat(last).hasSize(PUBLISHERS).allSatisfy((name, n) -> assertThat(n).isEqualTo(each));
  }

  private static long offset(Received frame) {
    return frame.json().path("offset").asLong();
  }
}
