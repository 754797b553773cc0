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

/** "Implement Authentication": the token from the page's storage travels in the query. */
@Tag("browser")
@ExtendWith(Chrome.class)
@Timeout(120)
class ArticleTokenTests {
  private static final String SAMPLE =
      ArticleCode.clientPart(ArticleCode.sample(Articles.COMPLETE, "authToken"));

  /** What an application would add: it joins, and logs what it hears and how it ends. */
  private static final String USE =
      """
      socket.onopen = () => socket.send(JSON.stringify({ type: 'join', username: 'Mallory' }));
      socket.onmessage = ({ data }) => console.log(`${JSON.parse(data).username} joined`);
      socket.onclose = ({ code }) => console.log(`Closed: ${code}`);
      """;

  @TempDir private static Path directory;
  @AutoClose private static ParleyService service;
  @AutoClose private static Site site;

  @BeforeAll
  static void start() throws IOException {
    service = ParleyService.start();
    site = new Site(directory);
  }

  @Test
  void nameIsTheTokensWhateverTheJoinSays(Browser browser) throws IOException {
    try (Visitor visitor = openWith(browser, service.token("anna", 3_600))) {
      visitor.expectLines("Name of anna joined");
      assertThat(visitor.errors()).isEmpty();
    }
  }

  @Test
  void badTokenIsRefused(Browser browser) throws IOException {
    try (Visitor visitor = openWith(browser, "no.such.token")) {
      visitor.expectLines("Closed: 1006");
    }
  }

  private static Visitor openWith(Browser browser, String token) throws IOException {
    String code = ArticleCode.withUrl(SAMPLE + USE, service.ws("/ws"));
    String empty = site.publish(Site.Place.FOREIGN_PORT, "<title>Login</title>");
    String url = site.publish(Site.Place.FOREIGN_PORT, Site.around(code));
    Visitor visitor = new Visitor(browser).open(empty);
    visitor.page().evaluate("token => localStorage.setItem('authToken', token)", token);
    return visitor.open(url);
  }
}
