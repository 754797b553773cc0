package dev.parley.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import dev.parley.support.ParleyService;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** The service's own page, as people use it. Each test talks in rooms of its own. */
@Tag("browser")
@ExtendWith(Chrome.class)
@Timeout(120)
class ChatPageTests {
  @AutoClose private static ParleyService service;

  @BeforeAll
  static void start() {
    service = ParleyService.start();
  }

  @Test
  void twoPeopleTalkInTwoRooms(Browser browser) {
    try (Chatter anna = enter(browser, "Anna", "two-a");
        Chatter ben = enter(browser, "Ben", "two-a")) {
      anna.join("two-b");
      ben.join("two-b");
      anna.say("in b");
      ben.expectMessages("in b");
      anna.show("two-a");
      anna.say("in a");

      assertThat(ben.tab("two-a")).hasAttribute("aria-label", "two-a, 1 unread");
      ben.show("two-a");
      ben.expectMessages("in a");
      assertThat(ben.tab("two-a")).hasAttribute("aria-label", "two-a");
      anna.expectNotices("You joined", "Ben joined");
      anna.expectNoErrors();
      ben.expectNoErrors();
    }
  }

  @Test
  void ownMessagesAreMarked(Browser browser) {
    try (Chatter anna = enter(browser, "Anna", "own");
        Chatter ben = enter(browser, "Ben", "own")) {
      anna.say("from Anna");
      ben.expectMessages("from Anna");
      ben.say("from Ben");

      anna.expectMessages("from Anna", "from Ben");
      anna.expectOwn("from Anna");
      ben.expectOwn("from Ben");
      anna.expectPending();
    }
  }

  @Test
  void htmlIsShownAsText(Browser browser) {
    try (Chatter anna = enter(browser, "<i>Anna</i>", "html")) {
      anna.say("<img src=x onerror=alert(1)>");

      anna.expectMessages("<img src=x onerror=alert(1)>");
      anna.expectPending();
      assertThat(anna.page().locator("img, i")).hasCount(0);
      anna.expectNoErrors();
    }
  }

  @Test
  void membersTypingAndLeavingAreSeen(Browser browser) {
    try (Chatter anna = enter(browser, "Anna", "presence")) {
      anna.expectMembers("1 member");
      try (Chatter ben = enter(browser, "Ben", "presence")) {
        anna.expectMembers("2 members");
        ben.expectMembers("2 members");
        ben.type("Hm");
        anna.expectTyping("Ben is typing…");
        ben.say("Hm, yes");
        anna.expectMessages("Hm, yes");
        anna.expectTyping("");
        ben.leave("presence");
        anna.expectNotices("You joined", "Ben joined", "Ben left");
        anna.expectMembers("1 member");
      }
    }
  }

  @Test
  void guestIsCalledWhatWasTyped(Browser browser) {
    try (Chatter anna = enter(browser, "Anna", "guests");
        Chatter guest = Chatter.enterAsGuest(browser, service.http("/"), "Gustav", "guests")) {
      guest.say("Hello");

      anna.expectMessages("Hello");
      anna.expectNotices("You joined", "Gustav joined");
      guest.expectOwn("Hello");
      assertThat(guest.page().locator("#me strong")).hasText("Gustav");
    }
  }

  @Test
  void earlierMessagesAreFetchedWhenAskedFor(Browser browser) {
    try (Outsider outsider = Outsider.speaking(service).join("earlier", "Other")) {
      for (String text : numbered(1, 60)) {
        outsider.publish("earlier", text);
      }
      try (Chatter anna = enter(browser, "Anna", "earlier")) {
        anna.expectMessages(numbered(11, 60));
        anna.press("Show earlier messages");
        anna.expectMessages(numbered(1, 60));
      }
    }
  }

  @Test
  void binaryMessageIsShownByItsSize(Browser browser) {
    try (Chatter anna = enter(browser, "Anna", "binary");
        Outsider device = Outsider.speaking(service).join("binary", "Device")) {
      byte[] header = "\u0001\u0006binary\u0000".getBytes(StandardCharsets.US_ASCII);
      device.send(ByteBuffer.allocate(header.length + 3).put(header).array());
      device.send("{\"type\":\"message\",\"room\":\"binary\",\"content\":{\"degrees\":21.5}}");

      anna.expectMessages("3 bytes", "{\"degrees\":21.5}");
      anna.expectNoErrors();
    }
  }

  @Test
  void compressionIsDeclined(Browser browser) {
    try (Chatter anna = enter(browser, "Anna", "deflate")) {
      assertThat(anna.page().evaluate("link.socket.extensions")).isEqualTo("");
      assertThat(anna.page().evaluate("link.socket.protocol")).isEqualTo("parley.v1");
    }
  }

  @Test
  void staysAwayWhereComingBackWouldNotHelp(Browser browser) {
    try (Chatter anna = enter(browser, "Anna", "large")) {
      anna.page().evaluate("link.socket.send('x'.repeat(70_000))");

      anna.expectState("Disconnected");
      anna.expectBanner("The server closed the connection: Message too big (1009).");
      anna.press("Connect now");
      anna.expectState("Live");
    }
  }

  private static Chatter enter(Browser browser, String name, String room) {
    return Chatter.enter(browser, service.http("/"), name, room);
  }

  private static String[] numbered(int first, int last) {
    return IntStream.rangeClosed(first, last).mapToObj(i -> "m" + i).toArray(String[]::new);
  }
}
