package dev.parley.browser;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserType.LaunchOptions;
import com.microsoft.playwright.Playwright;
import dev.parley.support.Machine;
import dev.parley.support.Requirement;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * The machine's Chromium or Chrome for the tests of a class, started once for all of them. Where
 * there is none the class is skipped or fails, as {@link Requirement} says.
 */
public final class Chrome implements BeforeAllCallback, ParameterResolver {
  private static final List<String> NAMES =
      List.of("chromium", "chromium-browser", "google-chrome", "google-chrome-stable");
  private static final List<String> FLAGS =
      List.of(
          "--no-sandbox",
          "--disable-gpu",
          "--disable-quic",
          "--no-first-run",
          "--disable-background-networking",
          "--disable-component-update",
          "--disable-sync");

  @Override
  public void beforeAll(ExtensionContext context) {
    started(context);
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    Class<?> type = parameter.getParameter().getType();
    return type == Browser.class || type == Launcher.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    Started chrome = started(context);
    return parameter.getParameter().getType() == Browser.class ? chrome.browser : chrome.launcher;
  }

  /** Starts a further browser with flags of its own; the caller closes it. */
  interface Launcher {
    Browser launch(String... flags);
  }

  private static Started started(ExtensionContext context) {
    return context
        .getRoot()
        .getStore(Namespace.create(Chrome.class))
        .computeIfAbsent(Started.class, key -> new Started(executable()), Started.class);
  }

  private static Path executable() {
    return Machine.program(NAMES.toArray(String[]::new))
        .orElseThrow(() -> Requirement.BROWSER.missing("no Chromium or Chrome is on the PATH"));
  }

  /** One Playwright driver and one browser; JUnit closes them with the last test. */
  private static final class Started implements AutoCloseable {
    private final Playwright playwright;
    private final Launcher launcher;
    private final Browser browser;

    Started(Path executable) {
      Map<String, String> environment = Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1");
      playwright = Playwright.create(new Playwright.CreateOptions().setEnv(environment));
      launcher = flags -> launch(executable, flags);
      browser = launcher.launch();
    }

    private Browser launch(Path executable, String... flags) {
      List<String> args = new ArrayList<>(FLAGS);
      args.addAll(List.of(flags));
      return playwright
          .chromium()
          .launch(new LaunchOptions().setExecutablePath(executable).setArgs(args));
    }

    @Override
    public void close() {
      playwright.close();
    }
  }
}
