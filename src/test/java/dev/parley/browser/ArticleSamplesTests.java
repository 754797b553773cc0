package dev.parley.browser;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import dev.parley.support.ParleyService;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The articles' smaller client samples. Each stands in a page with what its article has around it:
 * a socket where it uses one, a call where it only defines a function.
 */
@Tag("browser")
@ExtendWith(Chrome.class)
@Timeout(120)
class ArticleSamplesTests {
  @TempDir private static Path directory;
  @AutoClose private static ParleyService service;
  @AutoClose private static Site site;

  @BeforeAll
  static void start() throws IOException {
    service = ParleyService.start();
    site = new Site(directory);
  }

  @ParameterizedTest
  @FieldSource("dev.parley.browser.Articles#ALL")
  void everyScriptParses(String article, Browser browser) {
    try (Visitor visitor = new Visitor(browser)) {
      for (String sample : scripts(article)) {
        visitor.page().evaluate("code => void new Function(code)", sample);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/echo", "/raw/binary"})
  void binaryComesBackAsBinary(String path, Browser browser) throws IOException {
    String sender = ArticleCode.sample(Articles.COMPLETE, "// Send binary data");

    try (Visitor visitor =
        open(
            browser,
            """
            const socket = new WebSocket('ws://localhost:8080');
            socket.binaryType = 'arraybuffer';
            socket.onmessage = ({ data }) =>
              console.log(typeof data === 'string' ? data : `binary of ${data.byteLength} bytes`);
            socket.onopen = () => {
            %s};
            """
                .formatted(sender),
            service.ws(path))) {
      visitor.expectLines(
          "Hello World", "{\"type\":\"message\",\"content\":\"Hello\"}", "binary of 8 bytes");
    }
  }

  @Test
  void everyConnectionStateIsSeen(Browser browser) throws IOException {
    String states = ArticleCode.sample(Articles.COMPLETE, "switch(socket.readyState)");

    try (Visitor visitor =
        open(
            browser,
            """
            const socket = new WebSocket('ws://localhost:8080');
            function check() {
            %s}
            check();
            socket.onclose = check;
            socket.onopen = () => {
              check();
              socket.close();
              check();
            };
            """
                .formatted(states),
            service.ws("/ws"))) {
      visitor.expectLines("Connecting...", "Connected", "Closing...", "Closed");
    }
  }

  @Test
  void listenersOfThePageAndOfItsSequelBothHear(Browser browser) throws IOException {
    List<String> samples = ArticleCode.samplesOf(Articles.IMPORTANCE);
    String page = ArticleCode.sample(Articles.IMPORTANCE, "<!DOCTYPE html>");
    String sequel =
        page.replace("</script>", "</script>\n<script>\n" + samples.getLast() + "</script>");
    String url =
        site.publish(Site.Place.FILE, ArticleCode.withUrl(sequel, service.ws("/raw/sequel")));

    try (Visitor visitor = new Visitor(browser).open(url)) {
      visitor.expectLines(
          "Connected to WebSocket server",
          "Message from server: Hello Server!",
          "Message from server: Hello Server!",
          "Message from server: Hello Server!",
          "Message from server: Hello Server!");
      assertThat(visitor.errors()).isEmpty();
    }
  }

  @Test
  void largeDataWaitsForTheBufferAndArrives(Browser browser) throws IOException {
    String backpressure = ArticleCode.sample(Articles.COMPLETE, "sendLargeData");

    try (Visitor visitor =
        open(
            browser,
            """
            %s
            const socket = new WebSocket('ws://localhost:8080');
            socket.onmessage = ({ data }) => console.log(`${data.length} × ${data[0]}`);
            socket.onopen = () => {
              sendLargeData(socket, 'a'.repeat(60000));
              sendLargeData(socket, 'b'.repeat(60000));
            };
            """
                .formatted(backpressure),
            service.ws("/echo"))) {
      visitor.expectLines("60000 × a", "60000 × b");
    }
  }

  /** The sample's address is wss; that part belongs to whoever ends TLS in front of us. */
  @Test
  void theSecureClientConnects(Browser browser) throws IOException {
    String secure =
        ArticleCode.clientPart(ArticleCode.sample(Articles.COMPLETE, "// Server with HTTPS"));

    try (Visitor visitor =
        open(browser, secure + "socket.onopen = () => console.log('open');\n", service.ws("/ws"))) {
      visitor.expectLines("open");
    }
  }

  private static Visitor open(Browser browser, String script, String url) throws IOException {
    String page = Site.around(ArticleCode.withUrl(script, url));
    return new Visitor(browser).open(site.publish(Site.Place.FOREIGN_PORT, page));
  }

  /** The samples that are JavaScript, and the script of those that are pages. */
  private static List<String> scripts(String article) {
    return ArticleCode.samplesOf(article).stream()
        .filter(sample -> !sample.contains("HTTP/1.1"))
        .map(sample -> sample.replaceFirst("(?s).*<script>(.*)</script>.*", "$1"))
        // Client and server stand in one sample, each with variables of the same name.
        .map(ArticleCode::clientPart)
        .toList();
  }
}
