package dev.parley.browser;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import dev.parley.support.ParleyService;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * "Simple Chat Application", client.html: two people in two browsers at one URL, and a device in
 * the same room that speaks all of the protocol. Each test has a service of its own, since the page
 * knows no room but the default one.
 */
@Tag("browser")
@ExtendWith(Chrome.class)
@Timeout(120)
class ArticleChatTests {
  private static final String CLIENT =
      ArticleCode.sample(Articles.COMPLETE, "<title>WebSocket Chat</title>");

  @AutoClose private ParleyService service;
  @AutoClose private Site site;

  @BeforeEach
  void start(@TempDir Path directory) throws IOException {
    service = ParleyService.start();
    site = new Site(directory);
  }

  @ParameterizedTest
  @EnumSource
  void peopleSeeEachOtherComeTalkAndLeave(Site.Place place, Browser browser) throws IOException {
    String url = site.publish(place, ArticleCode.withUrl(CLIENT, service.ws("/ws")));

    talk(browser, url);
  }

  /** An upgrade of {@code /} on port 8080, which the browser takes for the service's free port. */
  @Test
  void worksWithNothingChangedAtAll(Chrome.Launcher chrome) throws IOException {
    String url = site.publish(Site.Place.FILE, CLIENT);

    String port8080 = "MAP localhost:8080 127.0.0.1:" + service.port();
    try (Browser browser = chrome.launch("--host-resolver-rules=" + port8080)) {
      talk(browser, url);
    }
  }

  private void talk(Browser browser, String url) {
    try (Visitor anna = new Visitor(browser).answering("Anna")) {
      anna.open(url);
      expectChat(anna, "system: Anna joined the chat");
      try (Visitor ben = new Visitor(browser).answering("Ben")) {
        ben.open(url);
        expectChat(ben, "system: Ben joined the chat");
        anna.page().fill("#messageInput", "Hello Ben");
        anna.page().click("button");
        expectChat(ben, "system: Ben joined the chat", "Anna: Hello Ben");
        ben.page().fill("#messageInput", "<b>Hi</b> Anna");
        ben.page().press("#messageInput", "Enter");
        expectChat(ben, "system: Ben joined the chat", "Anna: Hello Ben", "Ben: <b>Hi</b> Anna");
        letDeviceTypeSignalAndSendBinary();
        expectChat(
            ben,
            "system: Ben joined the chat",
            "Anna: Hello Ben",
            "Ben: <b>Hi</b> Anna",
            "system: Device joined the chat",
            "Device: done",
            "system: Device left the chat");
        assertThat(ben.errors()).isEmpty();
      }
      expectChat(
          anna,
          "system: Anna joined the chat",
          "system: Ben joined the chat",
          "Anna: Hello Ben",
          "Ben: <b>Hi</b> Anna",
          "system: Device joined the chat",
          "Device: done",
          "system: Device left the chat",
          "system: Ben left the chat");
      assertThat(anna.errors()).isEmpty();
    }
  }

  /** Only "done" is for a page without subprotocol; the rest would be empty lines there. */
  private void letDeviceTypeSignalAndSendBinary() {
    try (Outsider device = Outsider.speaking(service).join("lobby", "Device")) {
      device.send("{\"type\":\"typing\",\"active\":true}");
      device.send("{\"type\":\"signal\",\"name\":\"cursor\",\"data\":{\"x\":1}}");
      device.send(binaryMessage("id-1", new byte[] {1, 2, 3}));
      device.send("{\"type\":\"typing\",\"active\":false}");
      device.awaitFrame("ack", ack -> ack.path("id").asString("").equals("id-1"));
      device.publish("lobby", "done");
    }
  }

  /** Kind, no room (the default one), id, payload. */
  private static byte[] binaryMessage(String id, byte[] payload) {
    byte[] name = id.getBytes(StandardCharsets.US_ASCII);
    return ByteBuffer.allocate(3 + name.length + payload.length)
        .put((byte) 1)
        .put((byte) 0)
        .put((byte) name.length)
        .put(name)
        .put(payload)
        .array();
  }

  /** Every line of the page, in order: no other, and no empty one. */
  private static void expectChat(Visitor visitor, String... expected) {
    visitor.await(() -> chat(visitor).size() >= expected.length);
    assertThat(chat(visitor)).containsExactly(expected);
  }

  private static List<String> chat(Visitor visitor) {
    Object lines =
        visitor
            .page()
            .evaluate(
                """
                () => [...document.querySelectorAll('#messages > div')].map((line) =>
                  (line.className === 'message system' ? 'system: ' : '') + line.textContent)
                """);
    return ((List<?>) lines).stream().map(String.class::cast).toList();
  }
}
