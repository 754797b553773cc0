package dev.parley.browser;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import dev.parley.support.ParleyService;
import dev.parley.support.TcpProxy;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * The articles' reconnecting clients, when the network drops them and when the service restarts.
 */
@Tag("browser")
@ExtendWith(Chrome.class)
@Timeout(120)
class ArticleReconnectionTests {
  private static final String BACKOFF =
      ArticleCode.sample(Articles.COMPLETE, "maxReconnectAttempts = 5") + "connect();\n";
  private static final String AFTER_A_WHILE =
      ArticleCode.sample(Articles.UNDERSTAND, "Hello from the client!")
          + ArticleCode.sample(Articles.UNDERSTAND, "reconnectSocket")
          + """
          function reconnectSocket() {
            console.log('Reconnecting');
            new WebSocket('ws://localhost:8080').onopen = () => console.log('Connected again');
          }
          """;

  @AutoClose private ParleyService service;
  @AutoClose private Site site;

  @BeforeEach
  void start(@TempDir Path directory) throws IOException {
    service = ParleyService.start();
    site = new Site(directory);
  }

  @Test
  void comesBackWithBackoffAfterTheConnectionBroke(Browser browser) throws IOException {
    try (TcpProxy wire = new TcpProxy(service.port());
        Visitor visitor = open(browser, BACKOFF, wire.port())) {
      visitor.expectLines("Connected");

      wire.goDown();
      visitor.expectLines("Connected", "Reconnecting in 1000ms...");
      wire.heal();

      visitor.expectLines("Connected", "Reconnecting in 1000ms...", "Connected");
      assertThat(visitor.errors()).isEmpty();
    }
  }

  @Test
  void comesBackWithBackoffAfterTheServiceRestarted(Browser browser) throws IOException {
    try (Visitor visitor = open(browser, BACKOFF, service.port())) {
      visitor.expectLines("Connected");

      service.close();
      visitor.expectLines("Connected", "Reconnecting in 1000ms...", "Reconnecting in 2000ms...");
      service = ParleyService.startAt(service.port());

      visitor.await(() -> visitor.lines().getLast().equals("Connected"));
      assertThat(visitor.lines())
          .startsWith("Connected", "Reconnecting in 1000ms...", "Reconnecting in 2000ms...")
          .endsWith("Connected");
    }
  }

  @Test
  void comesBackAfterAWhile(Browser browser) throws IOException {
    try (TcpProxy wire = new TcpProxy(service.port());
        Visitor visitor = open(browser, AFTER_A_WHILE, wire.port())) {
      visitor.expectLines(
          "WebSocket connection opened", "Message from server: Hello from the client!");

      wire.goDown();
      wire.heal();

      visitor.expectLines(
          "WebSocket connection opened",
          "Message from server: Hello from the client!",
          "Reconnecting",
          "Connected again");
      assertThat(visitor.errors()).isEmpty();
    }
  }

  private Visitor open(Browser browser, String script, int port) throws IOException {
    String code = ArticleCode.withUrl(script, "ws://127.0.0.1:" + port + "/raw/lobby");
    return new Visitor(browser).open(site.publish(Site.Place.FILE, Site.around(code)));
  }
}
