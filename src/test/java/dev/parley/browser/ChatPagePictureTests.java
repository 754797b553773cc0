package dev.parley.browser;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Page.ScreenshotOptions;
import dev.parley.support.ParleyService;
import java.awt.Dimension;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Takes the picture of the chat page that README.md shows, and leaves it in {@code
 * target/chat.png}. If the page has changed, copy that file to {@code docs/images/chat.png}.
 */
@Tag("browser")
@ExtendWith(Chrome.class)
@Timeout(120)
class ChatPagePictureTests {
  private static final Path TAKEN = Path.of("target", "chat.png");
  private static final Path SHOWN = Path.of("docs", "images", "chat.png");
  private static final int WIDTH = 1000;
  private static final int HEIGHT = 520;

  // The picture is fetched with every visit of the repository's page.
  private static final long MAX_BYTES = 150_000;

  @Test
  void readmeShowsAPictureOfThePageThatIsSmallEnough(Browser browser) throws IOException {
    try (ParleyService service = ParleyService.start();
        Chatter anna = Chatter.enter(browser, service.http("/"), "Anna", "lobby");
        Chatter ben = Chatter.enter(browser, service.http("/"), "Ben", "lobby")) {
      anna.join("releases");
      anna.show("lobby");
      anna.say("Hello! Which port is the service on?");
      ben.expectMessages("Hello! Which port is the service on?");
      ben.say("8080. The management port is 8081.");
      ben.say("Close your laptop for a minute: you will get what you missed.");
      anna.expectMessages(
          "Hello! Which port is the service on?",
          "8080. The management port is 8081.",
          "Close your laptop for a minute: you will get what you missed.");
      ben.join("releases");
      ben.say("1.0 is out");
      ben.show("lobby");
      ben.type("And");
      anna.expectTyping("Ben is typing…");
      anna.page().setViewportSize(WIDTH, HEIGHT);
      anna.page().screenshot(new ScreenshotOptions().setPath(TAKEN));
    }
    assertThat(size(TAKEN)).isEqualTo(new Dimension(WIDTH, HEIGHT)).isEqualTo(size(SHOWN));
    assertThat(Files.size(SHOWN)).isLessThan(MAX_BYTES);
    assertThat(Files.readString(Path.of("README.md"))).contains("(docs/images/chat.png)");
  }

  private static Dimension size(Path picture) throws IOException {
    BufferedImage image = ImageIO.read(picture.toFile());
    return new Dimension(image.getWidth(), image.getHeight());
  }
}
