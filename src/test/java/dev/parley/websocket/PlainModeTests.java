package dev.parley.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.support.ParleyService;
import dev.parley.support.TestClient;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** docs/PROTOCOL.md, "Connecting": plain mode, and guests' names. */
@Tag("service")
@ParameterizedClass(name = "{0} lanes")
@ValueSource(ints = {1, 3})
@Timeout(120)
class PlainModeTests {
  private final ParleyService service;
  private final String room = ParleyService.unique("plain");

  PlainModeTests(int lanes) {
    service = ParleyService.withLanes(lanes);
  }

  @Test
  void onlyWhatTwentyLinesOfPageUnderstandIsSent() {
    try (TestClient page = service.plain();
        TestClient ann = service.user("ann")) {
      page.send("{\"type\":\"join\",\"room\":\"" + room + "\",\"username\":\" Paul \"}");
      JsonNode own = page.next().json();
      assertThat(own.path("type").asString()).as("no welcome, no joined").isEqualTo("user-joined");
      assertThat(own.path("username").asString()).isEqualTo("Paul");
      ann.join(room);
      assertThat(page.next().json().path("user").asString()).isEqualTo("ann");
      ann.send("{\"type\":\"typing\",\"room\":\"" + room + "\",\"active\":true}");
      ann.send("{\"type\":\"signal\",\"room\":\"" + room + "\",\"name\":\"n\"}");
      ann.send(MessageTests.binary(1, room, "", new byte[] {1}));
      ann.publish(room, "hello");
      JsonNode message = page.next().json();
      assertThat(message.path("type").asString()).isEqualTo("message");
      assertThat(message.path("content").asString()).isEqualTo("hello");
      assertThat(message.path("offset").asLong()).as("the binary message was 1").isEqualTo(2);
      page.send("{\"type\":\"message\",\"room\":\"" + room + "\",\"id\":\"i\",\"content\":1}");
      assertThat(page.next().json().path("id").asString()).isEqualTo("i");
      page.send("{\"type\":\"ping\"}");
      page.send("{\"type\":\"history\",\"room\":\"" + room + "\"}");
      page.send("{\"type\":\"nonsense\"}");
      assertThat(page.next().json().path("code").asString()).isEqualTo("unknown_type");
      ann.send("{\"type\":\"leave\",\"room\":\"" + room + "\"}");
      assertThat(page.next().type()).isEqualTo("user-left");
      page.send("{\"type\":\"leave\",\"room\":\"" + room + "\"}");
      assertThat(page.typesUntilPong()).isEmpty();
    }
  }

  @Test
  void whatHasARefIsAnswered() {
    try (TestClient page = service.plain()) {
      page.send("{\"type\":\"join\",\"room\":\"" + room + "\",\"ref\":\"1\"}");
      assertThat(page.next().type()).isEqualTo("joined");
      assertThat(page.next().type()).isEqualTo("user-joined");
      assertThat(page.publishAcked(room, "x").path("offset").asInt()).isEqualTo(1);
      page.send("{\"type\":\"history\",\"room\":\"" + room + "\",\"ref\":\"2\"}");
      assertThat(page.next("history").path("ref").asString()).isEqualTo("2");
      page.send("{\"type\":\"leave\",\"room\":\"" + room + "\",\"ref\":\"3\"}");
      assertThat(page.next("left").path("ref").asString()).isEqualTo("3");
    }
  }

  @Test
  void aSubprotocolThatWeDoNotKnowIsPlainMode() {
    try (TestClient page =
        service.handshake("/ws").subprotocol("graphql-ws").subprotocol("mqtt").connect()) {
      assertThat(page.answer().header("Sec-WebSocket-Protocol")).isNull();
      assertThat(page.typesUntilPong()).isEmpty();
    }
  }

  @Test
  void aGuestsNameIsSetOnce() {
    try (TestClient guest = service.guest()) {
      guest.send("{\"type\":\"join\",\"room\":\"" + room + "\",\"username\":\"  Paul Panther \"}");
      assertThat(guest.next("user-joined").path("username").asString()).isEqualTo("Paul Panther");
      guest.send("{\"type\":\"join\",\"room\":\"" + room + "-2\",\"username\":\"Somebody else\"}");
      assertThat(guest.next("user-joined").path("username").asString()).isEqualTo("Paul Panther");
      guest.publish(room, "x");
      assertThat(guest.next("message").path("username").asString()).isEqualTo("Paul Panther");
    }
  }

  @Test
  void aBlankNameIsNone() {
    try (TestClient guest = service.guest()) {
      guest.send("{\"type\":\"join\",\"room\":\"" + room + "\",\"username\":\"  \"}");
      assertThat(guest.next("user-joined").path("username").asString()).startsWith("guest-");
      guest.send("{\"type\":\"join\",\"room\":\"" + room + "-2\",\"username\":\"Late\"}");
      assertThat(guest.next("user-joined").path("username").asString()).isEqualTo("Late");
    }
  }

  @Test
  void aTokensNameIsNotOverridden() {
    try (TestClient ann = service.user("ann")) {
      ann.send("{\"type\":\"join\",\"room\":\"" + room + "\",\"username\":\"Queen\"}");
      assertThat(ann.next("user-joined").path("username").asString()).isEqualTo("Name of ann");
    }
  }

  @Test
  void aNameOfTheWrongKindIsRefused() {
    try (TestClient guest = service.guest()) {
      for (String name : List.of("a\\u0007b", "x".repeat(65))) {
        guest.send("{\"type\":\"join\",\"room\":\"" + room + "\",\"username\":\"" + name + "\"}");
        JsonNode error = guest.next("error");
        assertThat(error.path("code").asString()).isEqualTo("invalid_message");
        assertThat(error.path("path").asString()).isEqualTo("/username");
      }
    }
  }
}
