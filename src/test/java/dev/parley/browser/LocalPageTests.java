package dev.parley.browser;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import dev.parley.browser.Site.Place;
import dev.parley.support.ParleyService;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A page that somebody develops on another port of this machine. */
@Tag("browser")
@ExtendWith(Chrome.class)
@Timeout(120)
class LocalPageTests {
  private static final String SCRIPT =
      """
      async base => {
        const issued = await fetch(`${base}/dev/token?user=ann`);
        const { token } = await issued.json();
        const answer = await fetch(`${base}/api/v1/rooms/local/messages`, {
          method: 'POST',
          headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
          body: JSON.stringify({ content: 'hello' }),
        });
        const unknown = await fetch(`${base}/api/v1/nowhere?token=${token}`);
        return [issued.status, answer.status, (await answer.json()).offset, unknown.ok];
      }
      """;

  @Test
  void fetchesATokenAndUsesRest(Browser browser, @TempDir Path directory) throws IOException {
    try (ParleyService service = ParleyService.start();
        Site site = new Site(directory);
        Visitor visitor =
            new Visitor(browser).open(site.publish(Place.FOREIGN_PORT, "<title>Local</title>"))) {
      Object results = visitor.page().evaluate(SCRIPT, "http://localhost:" + service.port());

      assertThat(results).isEqualTo(List.of(200, 200, 1, false));
    }
  }
}
