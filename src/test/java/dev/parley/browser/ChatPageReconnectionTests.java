package dev.parley.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.assertions.LocatorAssertions;
import dev.parley.support.ParleyService;
import dev.parley.support.TcpProxy;
import java.io.IOException;
import java.net.URI;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The service's own page when the network or the service goes away and comes back. */
@Tag("browser")
@ExtendWith(Chrome.class)
@Timeout(120)
class ChatPageReconnectionTests {
  /** 1.5 s at most until the next try, and what a busy machine takes over it. */
  private static final double SOON_MS = 3_000;

  private final ParleyService service = ParleyService.shared("parley.limits.enabled=false");
  private final String room = ParleyService.unique("room");

  @Test
  void resumesWithoutLossOrDuplicate(Browser browser) throws IOException {
    try (TcpProxy wire = new TcpProxy(service.port());
        Chatter anna = Chatter.enter(browser, through(wire), "Anna", room);
        Outsider other = Outsider.speaking(service).join(room, "Other")) {
      other.publish(room, "before");
      anna.expectMessages("before");

      wire.goDown();
      anna.expectState("Offline");
      other.publish(room, "meanwhile 1");
      other.publish(room, "meanwhile 2");
      anna.say("written offline");
      anna.expectPending("written offline");
      wire.heal();

      anna.expectMessages("before", "meanwhile 1", "meanwhile 2", "written offline");
      anna.expectPending();
      anna.expectOwn("written offline");
      other.publish(room, "after");
      anna.expectMessages("before", "meanwhile 1", "meanwhile 2", "written offline", "after");
    }
  }

  @Test
  void messageWhoseAckWasLostIsInTheRoomOnce(Browser browser) throws IOException {
    try (TcpProxy wire = new TcpProxy(service.port());
        Outsider other = Outsider.speaking(service).join(room, "Other");
        Chatter anna = Chatter.enter(browser, through(wire), "Anna", room)) {
      sayWithoutHearingTheAnswer(wire, anna, other);

      anna.expectMessages("once");
      anna.expectPending();
      other.publish(room, "end");
      anna.expectMessages("once", "end");
      assertThat(other.texts())
          .filteredOn(text -> text.contains("\"content\":\"once\""))
          .hasSize(1);
    }
  }

  /** A guest is another user after a reconnect, to whom the message's id means nothing. */
  @Test
  void guestFindsTheMessageWhoseAckWasLostInTheReplay(Browser browser) throws IOException {
    try (TcpProxy wire = new TcpProxy(service.port());
        Outsider other = Outsider.speaking(service).join(room, "Other");
        Chatter guest = Chatter.enterAsGuest(browser, through(wire), "Gustav", room)) {
      sayWithoutHearingTheAnswer(wire, guest, other);

      guest.expectOwn("once");
      guest.expectPending();
      other.publish(room, "end");
      guest.expectMessages("once", "end");
      assertThat(other.texts())
          .filteredOn(text -> text.contains("\"content\":\"once\""))
          .hasSize(1);
    }
  }

  /** Nothing closes the connection; the page notices because its question is not answered. */
  @Test
  void connectionThatFellSilentIsReplaced(Browser browser) throws IOException {
    try (ParleyService impatient = ParleyService.start("parley.websocket.heartbeat=1s");
        TcpProxy wire = new TcpProxy(impatient.port());
        Outsider other = Outsider.speaking(impatient).join(room, "Other");
        Chatter anna = Chatter.enter(browser, through(wire), "Anna", room)) {
      wire.swallowReplies();
      wire.healForNewConnections();
      other.publish(room, "unheard");

      // Nothing comes on the old connection.
      anna.expectMessages("unheard");
      anna.expectState("Live");
    }
  }

  /** Long after the connection was lost, the next try is near. */
  @Test
  void isBackSoonAfterTheServiceIs(Browser browser) throws IOException {
    try (TcpProxy wire = new TcpProxy(service.port());
        Chatter anna = Chatter.enter(browser, through(wire), "Anna", room)) {
      wire.goDown();
      anna.expectState("Offline");
      anna.page().evaluate("link.attempts = 7");
      anna.page().waitForCondition(() -> (int) anna.page().evaluate("link.attempts") > 8);
      wire.heal();

      assertThat(anna.page().locator("#state"))
          .hasText("Live", new LocatorAssertions.HasTextOptions().setTimeout(SOON_MS));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"online", "focus"})
  void triesAtOnceWhenThingsChangeButNotBeforeTheServersTime(String event, Browser browser)
      throws IOException {
    try (TcpProxy wire = new TcpProxy(service.port());
        Chatter anna = Chatter.enter(browser, through(wire), "Anna", room)) {
      wire.goDown();
      anna.expectState("Offline");
      // As after a 503 with Retry-After: 60.
      anna.page().evaluate("stopTimers(), retry(60_000)");
      wire.heal();
      String happens = "dispatchEvent(new Event('" + event + "')), link.state";
      assertThat(anna.page().evaluate(happens)).isEqualTo("offline");
      // As without such a header, but with the next try far away.
      assertThat(anna.page().evaluate("link.notBefore = 0, " + happens)).isEqualTo("connecting");
      anna.expectState("Live");
    }
  }

  @ParameterizedTest
  @CsvSource({"1011, 2000, 4000", "1013, 2000, 4000", "4003, 2000, 4000", "1006, 0, 250"})
  void pausesAsTheCloseCodeAsks(int code, double least, double most, Browser browser) {
    try (Chatter anna = Chatter.enter(browser, service.http("/"), "Anna", room)) {
      assertThat(pause(anna, "lost(" + code + ", '')", 20)).isBetween(least, most);
      anna.expectState("Live");
    }
  }

  @Test
  void comesBackWhenTheServerSaidAndNotBefore(Browser browser) {
    try (Chatter anna = Chatter.enter(browser, service.http("/"), "Anna", room)) {
      String drained = "onFrame.reconnect({ afterMs: 30000 }), lost(1012, '')";
      assertThat(pause(anna, drained, 1)).isBetween(29_000.0, 30_000.0);
      assertThat(anna.page().evaluate("dispatchEvent(new Event('online')), link.state"))
          .isEqualTo("offline");
    }
  }

  /** Milliseconds until the next try, as the page sets its timer, which runs so much faster. */
  private static double pause(Chatter chatter, String loss, int faster) {
    Object delay =
        chatter
            .page()
            .evaluate(
                """
                () => {
                  const delays = [];
                  const before = globalThis.setTimeout;
                  globalThis.setTimeout = (action, ms) => {
                    delays.push(ms);
                    return before(action, ms / %d);
                  };
                  %s;
                  globalThis.setTimeout = before;
                  return delays.at(-1);
                }
                """
                    .formatted(faster, loss));
    return ((Number) delay).doubleValue();
  }

  @Test
  void saysWhyItGetsNoTokenAndStopsAsking(Browser browser) {
    try (Chatter anna = Chatter.enter(browser, service.http("/"), "Anna", room)) {
      anna.page().evaluate("identity.subject = 'a b', identity.token = null, lost(1006, '')");

      anna.expectState("Disconnected");
      anna.expectBanner(
          "No token: user: 1-127 characters of A-Z a-z 0-9 . _ : ~ @ | + = - are expected");
    }
  }

  /** The embedded broker keeps its log in memory, so a restart loses it; the page does not. */
  @Test
  void conversationStaysOverARestartThatLosesIt(Browser browser) {
    ParleyService first = ParleyService.start();
    try (first;
        Chatter anna = Chatter.enter(browser, first.http("/"), "Anna", room)) {
      anna.say("before");
      anna.expectMessages("before");
      anna.expectPending();

      first.close();
      anna.expectState("Offline");
      try (ParleyService _ = ParleyService.startAt(first.port())) {
        anna.expectMessages("before");
        anna.expectState("Live");
        anna.expectAmongNotices("Some messages may be missing here.");
        anna.say("after");
        anna.expectMessages("before", "after");
        anna.expectPending();
        anna.expectOwn("before", "after");
      }
    }
  }

  private static void sayWithoutHearingTheAnswer(TcpProxy wire, Chatter chatter, Outsider other) {
    wire.swallowReplies();
    chatter.say("once");
    other.awaitFrame("message", each -> each.path("content").asString("").equals("once"));
    chatter.expectPending("once");
    wire.goDown();
    chatter.expectState("Offline");
    wire.heal();
  }

  private static URI through(TcpProxy wire) {
    return URI.create("http://127.0.0.1:" + wire.port() + "/");
  }
}
