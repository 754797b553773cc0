package dev.parley.browser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.parley.support.ParleyService;
import java.time.Duration;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/** The articles' servers, proved by their effect: what they would do for a client, Parley does. */
@Tag("service")
@Timeout(60)
class ServerSamplesTests {
  @AutoClose private static ParleyService service;

  @BeforeAll
  static void start() {
    service = ParleyService.start();
  }

  /** "Building a WebSocket Server": {@code ws.send({type: 'welcome', …})}. */
  @Test
  void welcomesAClient() {
    try (Outsider client = Outsider.speaking(service)) {
      assertThat(client.awaitFrame("welcome").path("protocol").asInt()).isEqualTo(1);
    }
  }

  /** "Building a WebSocket Server": {@code clients.forEach(client => client.send(data))}. */
  @Test
  void broadcastsWhatItReceivesToTheOthers() {
    try (Outsider first = Outsider.plain(service, "/raw/broadcast");
        Outsider second = Outsider.plain(service, "/raw/broadcast")) {
      // A raw room says nothing of joining; who hears itself is in.
      second.send("here");
      await().until(() -> second.texts().size() == 1);
      first.send("{\"any\": \"thing\"}");

      await().until(() -> second.texts().size() == 2);
      assertThat(second.texts()).containsExactly("here", "{\"any\": \"thing\"}");
    }
  }

  /** "Real-World Example", server.js: joins, messages and leaving, each with name and time. */
  @Test
  void tellsWhoJoinsSpeaksAndLeaves() {
    try (Outsider anna = Outsider.plain(service, "/ws")) {
      anna.send("{\"type\":\"join\",\"room\":\"chat\",\"username\":\"Anna\"}");
      try (Outsider ben = Outsider.plain(service, "/ws")) {
        ben.send("{\"type\":\"join\",\"room\":\"chat\",\"username\":\"Ben\"}");
        ben.send("{\"type\":\"message\",\"room\":\"chat\",\"content\":\"Hi\"}");

        expectFromBen(anna, "user-joined");
        JsonNode message = expectFromBen(anna, "message");
        assertThat(message.path("content").asString()).isEqualTo("Hi");
      }
      expectFromBen(anna, "user-left");
    }
  }

  /** The servers of three articles answer what they hear; here the echo does. */
  @Test
  void answersWhatItHears() {
    try (Outsider client = Outsider.plain(service, "/echo")) {
      client.send("You said this").send(new byte[] {1, 2, 3});

      await().until(() -> client.binaries().size() == 1);
      assertThat(client.texts()).containsExactly("You said this");
      assertThat(client.binaries().getFirst()).containsExactly(1, 2, 3);
    }
  }

  /** "Validate and Sanitize Messages": {@code if (!message.type || typeof … !== 'string')}. */
  @Test
  void answersAnInvalidMessageWithTheSamplesText() {
    try (Outsider client = Outsider.plain(service, "/ws")) {
      for (String invalid : new String[] {"{\"content\":\"no type\"}", "{\"type\":5}"}) {
        client.send(invalid);
      }
      await().until(() -> client.texts().size() == 2);
      JsonNode error = client.awaitFrame("error");
      assertThat(error.path("code").asString()).isEqualTo("invalid_message");
      assertThat(client.texts())
          .allSatisfy(text -> assertThat(text).contains("\"error\":\"Invalid message format\""));
    }
  }

  /** "Validate and Sanitize Messages": {@code catch (error)}; the connection stays. */
  @Test
  void staysConnectedAfterWhatIsNoJson() {
    try (Outsider client = Outsider.speaking(service)) {
      client.send("no JSON").send("{\"type\":\"ping\"}");

      assertThat(client.awaitFrame("error").path("code").asString()).isEqualTo("invalid_json");
      assertThat(client.awaitFrame("pong").path("timestamp").asLong()).isPositive();
    }
  }

  /**
   * "Validate and Sanitize Messages": the sample rewrites HTML. Parley relays what was said and
   * leaves it to the page to set text as text; the chat page's tests show that.
   */
  @Test
  void relaysHtmlAsItWasSent() {
    try (Outsider client = Outsider.speaking(service)) {
      client.send("{\"type\":\"join\",\"room\":\"html\"}");
      client.send("{\"type\":\"message\",\"room\":\"html\",\"content\":\"<img onerror='x()'>\"}");

      assertThat(client.awaitFrame("message").path("content").asString())
          .isEqualTo("<img onerror='x()'>");
    }
  }

  /** "Implement Authentication": {@code if (!isValidToken(token))}, before the upgrade. */
  @Test
  void refusesAnInvalidToken() {
    assertThat(service.handshake("/ws?token=invalid").refused().status()).isEqualTo(401);
  }

  private static JsonNode expectFromBen(Outsider client, String type) {
    JsonNode frame =
        client.awaitFrame(type, each -> each.path("username").asString("").equals("Ben"));
    assertThat(frame.path("timestamp").asLong())
        .isBetween(
            System.currentTimeMillis() - Duration.ofMinutes(1).toMillis(),
            System.currentTimeMillis() + 1000);
    return frame;
  }
}
