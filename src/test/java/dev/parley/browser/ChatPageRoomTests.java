package dev.parley.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import dev.parley.support.ParleyService;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** The service's own page: who may be in which room, and what a room's conversation looks like. */
@Tag("browser")
@ExtendWith(Chrome.class)
@Timeout(120)
class ChatPageRoomTests {
  @AutoClose private static ParleyService service;

  @BeforeAll
  static void start() {
    service = ParleyService.start();
  }

  @Test
  void forbiddenRoomIsTakenBackWithItsReason(Browser browser) {
    try (Chatter anna = enter(browser, "Anna", "allowed")) {
      anna.tryToJoin("@somebody-else");

      anna.expectBanner("You cannot join @somebody-else: Not allowed in this room");
      assertThat(anna.tab("@somebody-else")).hasCount(0);
      assertThat(anna.tab("allowed")).hasAttribute("aria-current", "true");
      anna.press("Dismiss");
      anna.expectNoBanner();
      anna.say("still here");
      anna.expectMessages("still here");
      anna.expectPending();
      anna.expectNoErrors();
    }
  }

  @Test
  void removedUserKeepsTheConversationAndMayComeBack(Browser browser) throws Exception {
    try (Chatter anna = enter(browser, "Anna", "removed")) {
      anna.say("before");
      anna.expectMessages("before");
      service.operate("DELETE", "/rooms/removed/members/" + anna.user());

      anna.expectAmongNotices("A moderator removed you from this room.");
      anna.expectMessages("before");
      anna.expectComposer(false);
      anna.expectMembers("");
      anna.press("Join again");
      anna.expectComposer(true);
      anna.say("after");
      anna.expectMessages("before", "after");
      anna.expectPending();
      anna.expectNoErrors();
    }
  }

  @Test
  void closedRoomSaysSo(Browser browser) throws Exception {
    try (Chatter anna = enter(browser, "Anna", "closed")) {
      service.operate("DELETE", "/rooms/closed");

      anna.expectAmongNotices("This room was closed.");
      anna.expectComposer(false);
      anna.expectState("Live");
    }
  }

  @Test
  void disconnectedUserStaysAwayUntilTheyComeBackThemselves(Browser browser) throws Exception {
    try (Chatter anna = enter(browser, "Anna", "kicked")) {
      anna.say("before");
      anna.expectMessages("before");
      anna.expectPending();
      service.operate("DELETE", "/users/" + anna.user() + "/connections");

      anna.expectState("Disconnected");
      anna.expectBanner("A moderator disconnected you (4500).");
      anna.expectMessages("before");
      anna.page().evaluate("dispatchEvent(new Event('focus'))");
      anna.expectState("Disconnected");
      anna.press("Connect now");
      anna.expectState("Live");
      anna.expectNoBanner();
      anna.say("after");
      anna.expectMessages("before", "after");
    }
  }

  @Test
  void roomThatSomebodyWasPutIntoAppears(Browser browser) throws Exception {
    try (Chatter anna = enter(browser, "Anna", "first");
        Chatter ben = enter(browser, "Ben", "second")) {
      ben.say("earlier");
      ben.expectMessages("earlier");
      ben.expectPending();
      service.operate("PUT", "/rooms/second/members/" + anna.user());
      assertThat(anna.tab("second")).isVisible();
      anna.expectComposer(true);
      anna.show("second");
      anna.expectAmongNotices("A moderator put you into this room.");
      ben.say("welcome");
      anna.expectMessages("welcome");
      anna.press("Show earlier messages");
      anna.expectMessages("earlier", "welcome");
      anna.say("thanks");
      ben.expectMessages("earlier", "welcome", "thanks");
      anna.expectNoErrors();
    }
  }

  @Test
  void addressesOfTheWebAreLinksAndNothingElseIs(Browser browser) {
    try (Chatter anna = enter(browser, "Anna", "links")) {
      anna.say("See https://example.org/a?b=c&d=%20#e, (http://example.org/x) and <b>.");
      anna.say("javascript:alert(1) ftp://example.org https:// data:text/html,x");

      anna.expectMessages(
          "See https://example.org/a?b=c&d=%20#e, (http://example.org/x) and <b>.",
          "javascript:alert(1) ftp://example.org https:// data:text/html,x");
      anna.expectPending();
      Locator links = anna.page().locator(".message a");
      assertThat(links)
          .hasText(new String[] {"https://example.org/a?b=c&d=%20#e", "http://example.org/x"});
      assertThat(links.first()).hasAttribute("href", "https://example.org/a?b=c&d=%20#e");
      assertThat(links.first()).hasAttribute("rel", "noopener noreferrer");
      assertThat(links.first()).hasAttribute("target", "_blank");
      assertThat(anna.page().locator(".message b")).hasCount(0);
    }
  }

  @Test
  void readerOfOldMessagesIsToldOfNewOnes(Browser browser) {
    try (Outsider other = Outsider.speaking(service).join("scroll", "Other");
        Chatter anna = enter(browser, "Anna", "scroll")) {
      for (int i = 1; i <= 40; i++) {
        other.publish("scroll", "line " + i);
      }
      Locator last = anna.page().getByText("line 40", new Page.GetByTextOptions().setExact(true));
      assertThat(last).isInViewport();
      assertThat(anna.button("New messages ↓")).isHidden();
      anna.page().evaluate("current.view.log.scrollTop = 0");
      other.publish("scroll", "news");

      assertThat(anna.button("New messages ↓")).isVisible();
      assertThat(last).not().isInViewport();
      anna.press("New messages ↓");
      assertThat(anna.page().getByText("news")).isInViewport();
      assertThat(anna.button("New messages ↓")).isHidden();
    }
  }

  /** The rate lets a few through at once; those that it refuses come again, and in order. */
  @Test
  void ownMessagesKeepTheirOrderUnderTheRateLimit(Browser browser) {
    try (ParleyService slow =
            ParleyService.start("parley.limits.messages-per-second=5", "parley.limits.burst=6");
        Outsider other = Outsider.speaking(slow).join("fast", "Other");
        Chatter anna = Chatter.enter(browser, slow.http("/"), "Anna", "fast")) {
      String[] texts = IntStream.rangeClosed(1, 20).mapToObj(i -> "m" + i).toArray(String[]::new);
      anna.page().evaluate("texts => texts.forEach(text => say(current, text))", texts);

      anna.expectMessages(texts);
      anna.expectPending();
      anna.expectOwn(texts);
      other.awaitFrame("message", frame -> frame.path("content").asString("").equals("m20"));
      assertThat(other.texts().stream().filter(text -> text.contains("\"content\":")).toList())
          .hasSize(20);
      anna.expectState("Live");
    }
  }

  /** What the log still has after a loss is sent once more, and is on the screen already. */
  @Test
  void messageThatIsThereAfterALossIsShownOnce(Browser browser) {
    try (Chatter anna = enter(browser, "Anna", "epochs")) {
      anna.say("one");
      anna.say("two");
      anna.expectMessages("one", "two");
      anna.expectPending();
      anna.page()
          .evaluate(
              "onFrame.epoch({ room: 'epochs', epoch: 'x', offset: 2, recovered: false }, current)");

      anna.expectAmongNotices("The server lost messages; some may be missing here.");
      anna.say("three");
      anna.expectMessages("one", "two", "three");
      anna.expectNoErrors();
    }
  }

  @Test
  void phoneHasItsRoomsInARowAndTheFormFoldedAway(Browser browser) {
    try (Chatter anna = enter(browser, "Anna", "phone-1")) {
      anna.page().setViewportSize(390, 800);
      assertThat(anna.page().getByLabel("Room to join")).isHidden();
      for (int i = 2; i <= 6; i++) {
        anna.press("Join another room");
        anna.join("phone-" + i);
        assertThat(anna.page().getByLabel("Room to join")).isHidden();
        assertThat(anna.tab("phone-" + i)).isInViewport();
      }
      anna.show("phone-1");
      assertThat(anna.tab("phone-1")).isInViewport();
      assertThat(anna.tab("phone-1")).hasAttribute("aria-current", "true");
      assertThat(anna.page().evaluate("document.documentElement.scrollWidth")).isEqualTo(390);
      anna.say("from the phone");
      anna.expectMessages("from the phone");
    }
  }

  private static Chatter enter(Browser browser, String name, String room) {
    return Chatter.enter(browser, service.http("/"), name, room);
  }
}
