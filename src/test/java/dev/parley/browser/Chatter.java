package dev.parley.browser;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Page.GetByRoleOptions;
import com.microsoft.playwright.assertions.LocatorAssertions;
import com.microsoft.playwright.options.AriaRole;
import java.net.URI;

/** Somebody who uses the service's chat page; names and roles are those a screen reader tells. */
public final class Chatter implements AutoCloseable {
  private static final double PATIENCE_MS = 20_000;
  private static final LocatorAssertions.HasTextOptions TEXT =
      new LocatorAssertions.HasTextOptions().setTimeout(PATIENCE_MS);

  private final Visitor visitor;
  private final Page page;

  private Chatter(Browser browser, URI url) {
    visitor = new Visitor(browser).open(url.toString());
    page = visitor.page();
  }

  /** Comes in with a token. */
  public static Chatter enter(Browser browser, URI url, String name, String room) {
    Chatter chatter = new Chatter(browser, url);
    chatter.fillTheDoor(name, room);
    return chatter;
  }

  public static Chatter enterAsGuest(Browser browser, URI url, String name, String room) {
    Chatter chatter = new Chatter(browser, url);
    chatter.page.getByLabel("as a guest").check();
    chatter.fillTheDoor(name, room);
    return chatter;
  }

  private void fillTheDoor(String name, String room) {
    page.getByLabel("Your name").fill(name);
    page.getByLabel("First room").fill(room);
    button("Enter").click();
    expectState("Live");
    expectNotice("You joined");
  }

  void join(String room) {
    tryToJoin(room);
    expectNotice("You joined");
  }

  void tryToJoin(String room) {
    page.getByLabel("Room to join").fill(room);
    button("Join").click();
  }

  /** The id that the server knows this person by. */
  String user() {
    return (String) page.evaluate("me.user");
  }

  void show(String room) {
    tab(room).click();
  }

  void leave(String room) {
    button("Leave " + room).click();
  }

  public void say(String text) {
    page.getByLabel("Message", new Page.GetByLabelOptions().setExact(true)).fill(text);
    page.keyboard().press("Enter");
  }

  void type(String text) {
    page.getByLabel("Message", new Page.GetByLabelOptions().setExact(true)).pressSequentially(text);
  }

  void press(String button) {
    button(button).click();
  }

  Locator button(String name) {
    return page.getByRole(AriaRole.BUTTON, new GetByRoleOptions().setName(name).setExact(true));
  }

  Locator tab(String room) {
    return page.locator("nav .room").filter(new Locator.FilterOptions().setHasText(room));
  }

  /** All that was said in the room on the screen, in order, pending messages last. */
  public void expectMessages(String... texts) {
    assertThat(inRoom(".message .text")).hasText(texts, TEXT);
  }

  void expectOwn(String... texts) {
    assertThat(inRoom(".message.own .text")).hasText(texts, TEXT);
  }

  void expectPending(String... texts) {
    assertThat(inRoom(".message.pending .text")).hasText(texts, TEXT);
  }

  void expectNotices(String... texts) {
    assertThat(notices()).hasText(texts, TEXT);
  }

  /** One of the notices of the room, wherever it stands. */
  void expectAmongNotices(String text) {
    assertThat(notices().filter(new Locator.FilterOptions().setHasText(text)).first())
        .isVisible(new LocatorAssertions.IsVisibleOptions().setTimeout(PATIENCE_MS));
  }

  /** Whether there is anything to write into. */
  void expectComposer(boolean shown) {
    assertThat(page.getByLabel("Message", new Page.GetByLabelOptions().setExact(true)))
        .isVisible(
            new LocatorAssertions.IsVisibleOptions().setVisible(shown).setTimeout(PATIENCE_MS));
  }

  /** The first notice of the room, whatever else may stand there. */
  void expectNotice(String text) {
    assertThat(notices().first()).hasText(text, TEXT);
  }

  void expectMembers(String text) {
    assertThat(page.locator("#members")).hasText(text, TEXT);
  }

  void expectTyping(String text) {
    assertThat(page.locator("#typing")).hasText(text, TEXT);
  }

  void expectState(String text) {
    assertThat(page.locator("#state")).hasText(text, TEXT);
  }

  void expectBanner(String text) {
    assertThat(page.getByRole(AriaRole.ALERT)).hasText(text, TEXT);
  }

  void expectNoBanner() {
    assertThat(page.locator("#banner")).isHidden();
  }

  /** Neither an exception nor a violation of the page's own policy. */
  public void expectNoErrors() {
    assertThat(visitor.errors()).isEmpty();
  }

  private Locator notices() {
    return inRoom(".notice");
  }

  private Locator inRoom(String selector) {
    return page.locator(".log:not([hidden]) " + selector);
  }

  Page page() {
    return page;
  }

  @Override
  public void close() {
    visitor.close();
  }
}
