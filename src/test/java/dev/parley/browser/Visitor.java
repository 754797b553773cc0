package dev.parley.browser;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.ConsoleMessage;
import com.microsoft.playwright.Dialog;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Page.WaitForConditionOptions;
import com.microsoft.playwright.TimeoutError;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * Somebody at a browser of their own: a page in its own context, with all that its console said.
 * Events arrive only while Playwright is called, on the test's thread.
 */
final class Visitor implements AutoCloseable {
  private static final double PATIENCE_MS = 20_000;

  private final BrowserContext context;
  private final Page page;
  private final List<String> lines = new ArrayList<>();
  private final List<String> errors = new ArrayList<>();

  Visitor(Browser browser) {
    // Who tries the service out meets a certificate that nobody signed, and goes on.
    context = browser.newContext(new Browser.NewContextOptions().setIgnoreHTTPSErrors(true));
    context.setDefaultTimeout(PATIENCE_MS);
    page = context.newPage();
    page.onConsoleMessage(this::heard);
    page.onPageError(errors::add);
  }

  /** What this visitor types where a page asks for something. */
  Visitor answering(String name) {
    page.onDialog((Dialog dialog) -> dialog.accept(name));
    return this;
  }

  Visitor open(String url) {
    page.navigate(url);
    return this;
  }

  Page page() {
    return page;
  }

  /** What the page logged, errors apart. */
  List<String> lines() {
    return lines;
  }

  /** What went wrong in the page: uncaught exceptions and the console's errors. */
  List<String> errors() {
    return errors;
  }

  /** Waits until the page has logged so many lines, and expects exactly these. */
  void expectLines(String... expected) {
    await(() -> lines.size() >= expected.length);
    assertThat(lines).containsExactly(expected);
  }

  /** Waits until the condition holds, at most for so long that something must be wrong. */
  void await(BooleanSupplier condition) {
    try {
      page.waitForCondition(condition, new WaitForConditionOptions().setTimeout(PATIENCE_MS));
    } catch (TimeoutError late) {
      // The caller's assertion tells what is missing; this would tell just that something is.
    }
  }

  private void heard(ConsoleMessage message) {
    (message.type().equals("error") ? errors : lines).add(message.text());
  }

  @Override
  public void close() {
    context.close();
  }
}
