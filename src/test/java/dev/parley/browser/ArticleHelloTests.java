package dev.parley.browser;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import dev.parley.support.ParleyService;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The first client of each article: connect, send a greeting, log what comes back. */
@Tag("browser")
@ExtendWith(Chrome.class)
@Timeout(120)
class ArticleHelloTests {
  @TempDir private static Path directory;
  @AutoClose private static ParleyService service;
  @AutoClose private static Site site;

  @BeforeAll
  static void start() throws IOException {
    service = ParleyService.start();
    site = new Site(directory);
  }

  /** The clients with what they log when connected, greeted back and disconnected. */
  enum Hello {
    DETAILED(
        Site.around(ArticleCode.sample(Articles.DETAILED, "Hello Server!")),
        "Connected to server",
        "Message from server: Hello Server!",
        "Connection closed"),
    COMPLETE(
        Site.around(ArticleCode.sample(Articles.COMPLETE, "Hello Server!")),
        "Connected to server",
        "Message from server: Hello Server!",
        "Disconnected from server"),
    UNDERSTAND(
        Site.around(ArticleCode.sample(Articles.UNDERSTAND, "Hello from the client!")),
        "WebSocket connection opened",
        "Message from server: Hello from the client!",
        "WebSocket connection closed"),
    IMPORTANCE(
        ArticleCode.sample(Articles.IMPORTANCE, "<title>WebSocket Client</title>"),
        "Connected to WebSocket server",
        "Message from server: Hello Server!",
        "Disconnected from WebSocket server"),
    BUILDING(
        Site.around(ArticleCode.sample(Articles.BUILDING, "wss://example.com/socket")),
        "Connected to WebSocket server.",
        "Received from server: {message: Hello Server}",
        "Socket closed.");

    private final String page;
    private final String connected;
    private final String answered;
    private final String disconnected;

    Hello(String page, String connected, String answered, String disconnected) {
      this.page = page;
      this.connected = connected;
      this.answered = answered;
      this.disconnected = disconnected;
    }
  }

  @ParameterizedTest
  @EnumSource
  void isAnsweredByTheEcho(Hello hello, Browser browser) throws IOException {
    expectGreeting(hello, Site.Place.FOREIGN_PORT, "/echo", browser);
  }

  /** A raw room sends its members everything, the sender's own messages too. */
  @ParameterizedTest
  @EnumSource
  void hearsItselfInARawRoom(Hello hello, Browser browser) throws IOException {
    expectGreeting(hello, Site.Place.FILE, "/raw/hello-" + hello.name(), browser);
  }

  @Test
  void hearsTheOthersInARawRoom(Browser browser) throws IOException {
    String code = ArticleCode.withUrl(Hello.COMPLETE.page, service.ws("/raw/both"));
    String url = site.publish(Site.Place.FILE, code);

    try (Visitor first = new Visitor(browser).open(url)) {
      first.expectLines("Connected to server", "Message from server: Hello Server!");
      try (Visitor second = new Visitor(browser).open(url)) {
        second.expectLines("Connected to server", "Message from server: Hello Server!");
      }
      first.expectLines(
          "Connected to server",
          "Message from server: Hello Server!",
          "Message from server: Hello Server!");
    }
  }

  /** A greeting is no frame of the protocol: it is answered with an error, and life goes on. */
  @ParameterizedTest
  @EnumSource
  void isToldWhatIsWrongWhereFramesAreExpected(Hello hello, Browser browser) throws IOException {
    String code = ArticleCode.withUrl(hello.page, service.ws("/ws"));

    try (Visitor visitor = new Visitor(browser).open(site.publish(Site.Place.FILE, code))) {
      visitor.await(() -> visitor.lines().size() == 2);
      assertThat(visitor.lines()).first().isEqualTo(hello.connected);
      assertThat(visitor.lines()).last().asString().contains("error").contains("invalid_");
      assertThat(visitor.page().evaluate("socket.readyState")).isEqualTo(1);
      assertThat(visitor.errors()).isEmpty();
    }
  }

  private static void expectGreeting(Hello hello, Site.Place place, String path, Browser browser)
      throws IOException {
    String url = site.publish(place, ArticleCode.withUrl(hello.page, service.ws(path)));
    try (Visitor visitor = new Visitor(browser).open(url)) {
      visitor.expectLines(hello.connected, hello.answered);
      visitor.page().evaluate("socket.close()");
      visitor.expectLines(hello.connected, hello.answered, hello.disconnected);
      assertThat(visitor.errors()).isEmpty();
    }
  }
}
