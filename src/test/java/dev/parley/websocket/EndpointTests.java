package dev.parley.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.support.ParleyService;
import dev.parley.support.TestClient;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/** docs/PROTOCOL.md, "Connecting": the endpoints and what a handshake negotiates. */
@Tag("service")
@Timeout(60)
class EndpointTests {
  private final ParleyService service = ParleyService.withLanes(3);

  @Test
  void welcomeTellsWhoOneIsAndTheLimits() {
    try (TestClient ann =
        service
            .handshake("/ws")
            .subprotocol("parley.v1")
            .token(service.token("ann", 600))
            .connect()) {
      JsonNode welcome = ann.next().json();
      assertThat(welcome.path("type").asString()).isEqualTo("welcome");
      assertThat(welcome.path("connection").asString()).isNotEmpty();
      assertThat(welcome.path("user").asString()).isEqualTo("ann");
      assertThat(welcome.path("username").asString()).isEqualTo("Name of ann");
      assertThat(welcome.path("protocol").asInt()).isEqualTo(1);
      assertThat(welcome.path("heartbeatMs").asLong()).isEqualTo(25_000);
      assertThat(welcome.path("expiresAt").asLong() - System.currentTimeMillis())
          .isBetween(500_000L, 601_000L);
      JsonNode limits = welcome.path("limits");
      assertThat(limits.path("messageBytes").asLong()).isEqualTo(65_536);
      assertThat(limits.path("rooms").asLong()).isEqualTo(100);
      assertThat(limits.path("messagesPerSecond").asLong()).as("limits are off").isZero();
    }
    try (TestClient guest = service.handshake("/ws").subprotocol("parley.v1").connect()) {
      JsonNode welcome = guest.next().json();
      assertThat(welcome.has("expiresAt")).isFalse();
      assertThat(welcome.path("user").asString()).startsWith("guest-");
    }
  }

  @Test
  void ofTheSubprotocolsOursIsChosenAndTheTokenNeverEchoed() {
    try (TestClient ann =
        service
            .handshake("/ws")
            .subprotocol("bearer." + service.token("ann", 600))
            .subprotocol("other")
            .subprotocol("parley.v1")
            .connect()) {
      assertThat(ann.answer().header("Sec-WebSocket-Protocol")).isEqualTo("parley.v1");
      assertThat(ann.next("welcome").path("user").asString()).isEqualTo("ann");
    }
    try (TestClient ann =
        service.handshake("/ws").subprotocol("bearer." + service.token("ann", 600)).connect()) {
      assertThat(ann.answer().header("Sec-WebSocket-Protocol")).isNull();
    }
  }

  @Test
  void compressionThatIsOfferedIsDeclined() {
    try (TestClient ann =
        service
            .handshake("/ws")
            .subprotocol("parley.v1")
            .header("Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits")
            .connect()) {
      assertThat(ann.answer().header("Sec-WebSocket-Extensions")).isNull();
      assertThat(ann.next().type()).isEqualTo("welcome");
      assertThat(ann.typesUntilPong()).isEmpty();
    }
  }

  @Test
  void theAnswerHoldsTheAcceptKey() {
    try (TestClient ann = service.plain()) {
      // RFC 6455, section 1.3.
      assertThat(ann.answer().header("Sec-WebSocket-Accept"))
          .isEqualTo("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
      assertThat(ann.answer().header("Upgrade")).isEqualToIgnoringCase("websocket");
      assertThat(ann.answer().header("Connection")).isEqualToIgnoringCase("upgrade");
    }
  }

  @Test
  void anUpgradeOfTheRootIsOneOfWs() {
    try (TestClient ann = service.handshake("/").subprotocol("parley.v1").connect();
        TestClient page = service.handshake("/").connect()) {
      assertThat(ann.next().type()).isEqualTo("welcome");
      String room = ParleyService.unique("root");
      page.send("{\"type\":\"join\",\"room\":\"" + room + "\"}");
      assertThat(page.next().type()).isEqualTo("user-joined");
    }
  }

  @Test
  void echoSendsEverythingBack() {
    try (TestClient client = service.handshake("/echo").connect()) {
      client.send("grüße");
      client.send(new byte[] {1, 2});
      client.send("");
      client.send("x".repeat(65_536));
      assertThat(client.next().text()).isEqualTo("grüße");
      assertThat(client.next().payload()).containsExactly(1, 2);
      assertThat(client.next().text()).isEmpty();
      assertThat(client.next().payload()).hasSize(65_536);
    }
  }

  @Test
  void echoesThatAreNotReadStopTheSender() {
    try (TestClient client =
        service.handshake("/echo").receiveBuffer(8_192).notReading().connect()) {
      String large = "x".repeat(60_000);
      Thread sender =
          Thread.ofVirtual()
              .start(() -> {
                for (int i = 0; i < 500; i++) {
                  client.send(large);
                }
              });
      client.read();
      for (int i = 0; i < 500; i++) {
        assertThat(client.next().payload()).hasSize(60_000);
      }
      assertThat(sender.isInterrupted()).isFalse();
    }
  }

  @Test
  void framesThatComeWithTheHandshakeAreRead() {
    byte[] early = TestClient.masked(0x81, "{\"type\":\"ping\"}".getBytes(StandardCharsets.UTF_8));
    try (TestClient ann =
        service.handshake("/ws").subprotocol("parley.v1").followedBy(early).connect()) {
      assertThat(ann.next().type()).isEqualTo("welcome");
      assertThat(ann.next().type()).isEqualTo("pong");
    }
  }
}
