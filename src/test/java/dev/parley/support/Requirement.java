package dev.parley.support;

import java.util.Arrays;
import java.util.Locale;
import org.opentest4j.AssertionFailedError;
import org.opentest4j.TestAbortedException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Something beyond the JDK that some tests need. On a machine without it they are skipped, unless
 * {@code -Dtests.require=redis,browser,nginx} demands it: then they fail, so that a build server
 * cannot pass by skipping.
 */
public enum Requirement {
  REDIS,
  BROWSER,
  NGINX,
  NODE,
  PROMETHEUS;

  private static final Logger log = LoggerFactory.getLogger(Requirement.class);

  /**
   * Ends the calling test, or from {@code @BeforeAll} all tests of the class. Never returns;
   * written {@code throw Requirement.REDIS.missing("…")}, so that the compiler knows.
   *
   * @param reason what was looked for and not found, for people
   */
  public RuntimeException missing(String reason) {
    throw missing(reason, System.getProperty("tests.require", ""));
  }

  public RuntimeException missing(String reason, String demanded) {
    String name = name().toLowerCase(Locale.ROOT);
    if (Arrays.stream(demanded.split(",", -1)).map(String::trim).anyMatch(name::equals)) {
      throw new AssertionFailedError(name + " is required, but " + reason);
    }
    // Surefire counts skipped tests on the console, but does not say why they were.
    log.warn("Skipping tests that need {}: {}", name, reason);
    throw new TestAbortedException("needs " + name + ", but " + reason);
  }
}
