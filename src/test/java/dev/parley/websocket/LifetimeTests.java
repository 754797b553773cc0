package dev.parley.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.support.ParleyService;
import dev.parley.support.Received;
import dev.parley.support.TestClient;
import dev.parley.support.TroubleLog;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What ends a connection that does nothing wrong: silence, its token, our stop. */
@Tag("service")
@Timeout(60)
class LifetimeTests {
  private static final String[] SETTINGS = {
    "parley.limits.enabled=false",
    "parley.websocket.heartbeat=1s",
    "parley.access.clock-skew=0s",
    "parley.lanes=3"
  };
  private final ParleyService service = ParleyService.shared(SETTINGS);

  @Test
  void whoNeverAnswersIsClosedAfterAMissedHeartbeat() {
    try (TestClient deaf =
        service.handshake("/ws").subprotocol("parley.v1").deafToPings().connect()) {
      assertThat(deaf.next("welcome").path("heartbeatMs").asLong()).isEqualTo(1_000);
      Received close = deaf.awaitClose();
      assertThat(close.closeCode()).isEqualTo(4000);
      assertThat(close.closeReason()).isEqualTo("Heartbeat missed");
      assertThat(deaf.received().stream().filter(f -> f.opcode() == Received.PING)).hasSize(1);
    }
  }

  @Test
  void whoOnlyAnswersPingsStays() {
    try (TestClient quiet = service.guest()) {
      for (int i = 0; i < 4; i++) {
        quiet.next(f -> f.opcode() == Received.PING);
      }
      assertThat(quiet.isOpen()).isTrue();
    }
  }

  @Test
  void whoSendsFramesButNoPongsStays() {
    try (TestClient busy =
        service.handshake("/ws").subprotocol("parley.v1").deafToPings().connect()) {
      for (int i = 0; i < 4; i++) {
        busy.next(f -> f.opcode() == Received.PING);
        busy.send("{\"type\":\"ping\"}");
      }
      assertThat(busy.isOpen()).isTrue();
    }
  }

  @Test
  void aSilentConnectionEndsWithItsToken() {
    long before = System.nanoTime();
    try (TestClient ann =
        service
            .handshake("/ws")
            .subprotocol("parley.v1")
            .token(service.token("ann", 1))
            .connect()) {
      Received close = ann.awaitClose();
      assertThat(close.closeCode()).isEqualTo(4002);
      assertThat(close.closeReason()).isEqualTo("Token expired");
      assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(10));
    }
  }

  @Test
  void everybodyIsToldToComeBackWhenTheServiceStops() {
    List<TestClient> clients = new ArrayList<>();
    ParleyService stopping = ParleyService.start(SETTINGS);
    try (stopping;
        TroubleLog log = new TroubleLog()) {
      for (int i = 0; i < 20; i++) {
        TestClient client = stopping.guest();
        client.join("stop");
        clients.add(client);
      }
      clients.add(stopping.handshake("/raw/stop").connect());
      clients.add(stopping.handshake("/echo").connect());
      clients.add(stopping.plain());
      Thread stop = Thread.ofVirtual().start(stopping::close);
      for (TestClient client : clients) {
        Received close = client.awaitClose();
        assertThat(close.closeCode()).isEqualTo(1012);
        assertThat(close.closeReason()).isEqualTo("Restarting");
        client.close();
      }
      assertThat(stop.isInterrupted()).isFalse();
      assertThat(log.troubles()).isEmpty();
    }
  }
}
