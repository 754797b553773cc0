package dev.parley.websocket;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.parley.support.ParleyService;
import dev.parley.support.Received;
import dev.parley.support.TestClient;
import dev.parley.support.TroubleLog;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** One reader that reads nothing among two hundred that do. */
@Tag("service")
@ParameterizedClass(name = "{0} lanes")
@ValueSource(ints = {1, 3})
@Timeout(180)
class SlowReaderTests {
  private static final int FAST = 200;
  private static final int MESSAGES = 400;

  private final ParleyService service;
  private final String room = ParleyService.unique("slow");

  SlowReaderTests(int lanes) {
    service = ParleyService.withLanes(lanes);
  }

  @Test
  void itAloneIsClosed() {
    List<Reader> readers = new ArrayList<>();
    List<TestClient> fast = new ArrayList<>();
    double closed = service.count("parley.closes", "code", "4001");
    try (TroubleLog log = new TroubleLog();
        TestClient publisher = service.guest();
        TestClient slow = slow()) {
      publisher.join(room);
      for (int i = 0; i < FAST; i++) {
        Reader reader = new Reader();
        readers.add(reader);
        fast.add(service.handshake("/ws").subprotocol("parley.v1").listening(reader).connect());
        fast.getLast().send("{\"type\":\"join\",\"room\":\"" + room + "\"}");
      }
      slow.send("{\"type\":\"join\",\"room\":\"" + room + "\"}");
      for (int i = 0; i < FAST + 2; i++) {
        publisher.next("user-joined");
      }
      double pinned = 0;
      for (int i = 1; i <= MESSAGES; i++) {
        publisher.publishAcked(room, i + "x".repeat(30_000));
        pinned = Math.max(pinned, service.gauge("parley.outbound.pinned.bytes"));
      }
      await()
          .atMost(TestClient.PATIENCE)
          .until(() -> readers.stream().allMatch(reader -> reader.last == MESSAGES));
      assertThat(fast).allMatch(TestClient::isOpen);
      assertThat(service.count("parley.closes", "code", "4001")).isEqualTo(closed + 1);
      assertThat(service.metrics()).contains("parley_closes_total{code=\"4001\"}");
      assertThat(log.lines()).anyMatch(line -> line.contains("is too slow"));
      assertThat(log.troubles()).isEmpty();
      // The slow one's megabyte, and what others had just been due.
      assertThat(pinned).isBetween(512.0 * 1024, 4.0 * 1024 * 1024);
      await()
          .atMost(TestClient.PATIENCE)
          .until(() -> service.gauge("parley.outbound.pinned.bytes") == 0);
      slow.read();
      assertThat(slow.awaitEnd()).isEqualTo(TestClient.End.RESET);
    } finally {
      fast.forEach(TestClient::close);
    }
  }

  @Test
  void whoWakesUpInTimeReadsTheCode() {
    double before = service.count("parley.closes", "code", "4001");
    try (TestClient publisher = service.guest();
        TestClient slow = slow()) {
      publisher.join(room);
      publisher.next("user-joined");
      slow.send("{\"type\":\"join\",\"room\":\"" + room + "\"}");
      publisher.next("user-joined");
      int sent = 0;
      while (service.count("parley.closes", "code", "4001") == before) {
        publisher.publishAcked(room, "m" + ++sent + "x".repeat(60_000));
      }
      slow.read();
      Received close = slow.awaitClose();
      assertThat(close.closeCode()).isEqualTo(4001);
      assertThat(close.closeReason()).isEqualTo("Too slow");
      assertThat(slow.awaitEnd()).isEqualTo(TestClient.End.END_OF_STREAM);
      // What it was sent before has no hole, so that it resumes behind it.
      long seen = 0;
      for (var message : slow.all("message")) {
        assertThat(message.path("offset").asLong()).isEqualTo(++seen);
      }
      assertThat(seen).isBetween(1L, (long) sent);
    }
  }

  private TestClient slow() {
    return service
        .handshake("/ws")
        .subprotocol("parley.v1")
        .receiveBuffer(8_192)
        .notReading()
        .connect();
  }

  /** Notes the offsets of messages, which have to follow on each other; keeps nothing else. */
  private static final class Reader implements Consumer<Received> {
    private static final String OFFSET = "\"offset\":";
    volatile long last;

    @Override
    public void accept(Received frame) {
      String head = new String(frame.payload(), 0, Math.min(200, frame.payload().length), UTF_8);
      if (head.startsWith("{\"type\":\"message\"")) {
        int from = head.indexOf(OFFSET) + OFFSET.length();
        long offset = Long.parseLong(head.substring(from, head.indexOf(',', from)));
        last = offset == last + 1 ? offset : Long.MIN_VALUE;
      }
    }
  }
}
