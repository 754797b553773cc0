package dev.parley.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.support.ParleyService;
import dev.parley.support.Received;
import dev.parley.support.TestClient;
import dev.parley.support.TroubleLog;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/**
 * Clients that mean harm or know nothing: each gets a documented answer, nothing of it is in the
 * log, and the others are served on.
 */
@Tag("service")
@Timeout(120)
class HostileTests {
  private static final Set<Integer> CODES = Set.of(1000, 1001, 1002, 1003, 1007, 1009);
  private static final Set<String> ERRORS =
      Set.of(
          "invalid_json",
          "invalid_message",
          "unknown_type",
          "invalid_room",
          "not_joined",
          "forbidden");

  private final ParleyService service = ParleyService.withLanes(3);
  private final TroubleLog log = new TroubleLog();
  private final TestClient bystander = service.guest();
  private final String room = ParleyService.unique("hostile");

  HostileTests() {
    bystander.join(room);
  }

  @AfterEach
  void theServiceServesOnAndNothingIsInTheLog() {
    assertThat(bystander.publishAcked(room, "still here").path("offset").asLong()).isPositive();
    bystander.close();
    log.close();
    assertThat(log.troubles()).isEmpty();
  }

  @RepeatedTest(30)
  void randomBytesEndInADocumentedCode(RepetitionInfo repetition) {
    Random random = new Random(repetition.getCurrentRepetition());
    byte[] bytes = new byte[20_000];
    random.nextBytes(bytes);
    try (TestClient client = service.handshake("/ws").followedBy(bytes).connect()) {
      client.halfClose();
      client.awaitEnd();
      assertDocumented(client);
    }
  }

  @RepeatedTest(30)
  void randomMessagesAreAnsweredWithErrors(RepetitionInfo repetition) {
    Random random = new Random(repetition.getCurrentRepetition());
    String seed =
        "{\"type\":\"message\",\"room\":\"" + room + "\",\"content\":{\"a\":[1,\"\\u00e4\",null]}}";
    try (TestClient client = service.guest()) {
      for (int i = 0; i < 200; i++) {
        byte[] bytes = seed.getBytes(StandardCharsets.US_ASCII);
        for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
          // Kept in ASCII, so that the frame itself stays sound.
          bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(128);
        }
        client.frame(0x81, bytes);
        byte[] binary = new byte[random.nextInt(40)];
        random.nextBytes(binary);
        client.send(binary);
      }
      client.untilPong();
      assertThat(client.isOpen()).isTrue();
      assertDocumented(client);
    }
  }

  @Test
  void brokenJsonIsInvalidJson() {
    List<String> broken =
        new ArrayList<>(
            List.of("", " ", "{", "[]", "1", "\"x\"", "null", "{}{}", "{\"type\":\"ping\"} x"));
    broken.add("{\"type\":\"ping\",}");
    broken.add("{\"type\":\"message\",\"content\":" + "[".repeat(100) + "]".repeat(100) + "}");
    broken.add("{\"a\":".repeat(5_000));
    broken.add("[".repeat(60_000));
    try (TestClient client = service.guest()) {
      for (String text : broken) {
        client.send(text);
        assertThat(client.next("error").path("code").asString())
            .as(text.substring(0, Math.min(50, text.length())))
            .isEqualTo("invalid_json");
      }
    }
  }

  @Test
  void wrongTypesAreInvalidMessages() {
    try (TestClient client = service.guest()) {
      for (String text :
          List.of(
              "{\"type\":\"message\",\"room\":\"a\"}",
              "{\"type\":\"message\",\"room\":1,\"content\":1}",
              "{\"type\":\"message\",\"content\":1,\"id\":{}}",
              "{\"type\":\"message\",\"content\":1,\"id\":\"" + "i".repeat(65) + "\"}",
              "{\"type\":\"message\",\"content\":1,\"echo\":\"no\"}",
              "{\"type\":\"message\",\"content\":\"\\ud800\"}",
              "{\"type\":\"join\",\"since\":3}",
              "{\"type\":\"join\",\"last\":1.5}",
              "{\"type\":\"history\",\"limit\":1e3}",
              "{\"type\":\"typing\"}",
              "{\"type\":7}")) {
        client.send(text);
        JsonNode error = client.next("error");
        assertThat(error.path("code").asString()).as(text).isIn("invalid_message", "invalid_room");
      }
    }
  }

  @Test
  void binaryHeadersThatLieAreInvalidMessages() {
    try (TestClient client = service.guest()) {
      for (byte[] frame :
          List.of(
              new byte[0],
              new byte[] {1},
              new byte[] {1, 5, 'a'},
              new byte[] {1, 1, 'a'},
              new byte[] {1, 1, 'a', (byte) 200, 'i'},
              new byte[] {3, 1, 'a', 0},
              new byte[] {1, (byte) 0xFF, 'a', 0})) {
        client.send(frame);
        assertThat(client.next("error").path("code").asString()).isEqualTo("invalid_message");
      }
    }
  }

  @Test
  void tenMegabytesAreTooBig() {
    try (TestClient client = service.guest()) {
      byte[] string = ("\"" + "x".repeat(10_000_000) + "\"").getBytes(StandardCharsets.US_ASCII);
      client.frame(0x81, string);
      assertThat(client.awaitCloseCode()).isEqualTo(1009);
      assertThat(client.awaitEnd()).isEqualTo(TestClient.End.END_OF_STREAM);
    }
  }

  @Test
  void thousandsOfTinyFragmentsAreOneMessage() {
    byte[] text =
        ("{\"type\":\"ping\",\"ref\":\"tiny\"" + " ".repeat(20_000) + "}")
            .getBytes(StandardCharsets.US_ASCII);
    try (TestClient client = service.guest()) {
      client.frame(0x01, new byte[] {text[0]});
      for (int i = 1; i < text.length; i++) {
        client.frame(0x00, new byte[] {text[i]});
      }
      client.frame(0x80, new byte[0]);
      assertThat(client.next("pong").path("ref").asString()).isEqualTo("tiny");
    }
  }

  @Test
  void emptyFragmentsWithoutEndHoldNobodyUp() {
    try (TestClient client = service.guest()) {
      client.frame(0x01, new byte[0]);
      for (int i = 0; i < 50_000; i++) {
        client.frame(0x00, new byte[0]);
      }
      client.frame(0x89, new byte[] {1});
      assertThat(client.next().opcode()).isEqualTo(Received.PONG);
    }
  }

  @Test
  void aFloodOfPingsHoldsNobodyUp() throws InterruptedException {
    byte[] ping = TestClient.masked(0x89, new byte[125]);
    try (TestClient client = service.handshake("/ws").receiveBuffer(8_192).notReading().connect()) {
      Thread flood = Thread.ofVirtual().start(() -> client.rawUntilClosed(ping, 200_000));
      for (int i = 0; i < 20; i++) {
        bystander.publishAcked(room, "meanwhile " + i);
      }
      client.read();
      flood.join();
      // It got as many pongs as it had room for, and is served like everybody else.
      client.send("{\"type\":\"ping\",\"ref\":\"alive\"}");
      assertThat(client.next("pong").path("ref").asString()).isEqualTo("alive");
    }
  }

  @Test
  void halfAHandshakeAndSilenceIsNobodysTrouble() throws IOException {
    List<Socket> silent = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      Socket socket = new Socket(InetAddress.getLoopbackAddress(), service.port());
      socket
          .getOutputStream()
          .write("GET /ws HTTP/1.1\r\nHost: a\r\n".getBytes(StandardCharsets.US_ASCII));
      silent.add(socket);
    }
    try (TestClient client = service.guest()) {
      assertThat(client.typesUntilPong()).isEmpty();
    }
    for (Socket socket : silent) {
      socket.close();
    }
  }

  private static void assertDocumented(TestClient client) {
    client.all("error").forEach(error -> assertThat(error.path("code").asString()).isIn(ERRORS));
    if (client.isClosed()) {
      assertThat(client.awaitCloseCode()).isIn(CODES);
    }
  }
}
