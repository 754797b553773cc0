package dev.parley.access;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * An origin that may connect: {@code https://example.org}, {@code http://localhost:*} (any port),
 * one of an app such as {@code capacitor://localhost} or {@code file://}, {@code null} (pages from
 * files and sandboxed frames), or {@code *} (any).
 */
public final class OriginPattern {
  private static final String ANY_PORT = ":*";

  /** What apps send need not have a host; it is compared as it is. */
  private static final Pattern OF_AN_APP =
      Pattern.compile("(?!(?i:https?|wss?):)[A-Za-z][A-Za-z0-9+.-]*://[^\\s,*]*");

  private final String text;
  private final @Nullable WebOrigin origin;

  private OriginPattern(String text, @Nullable WebOrigin origin) {
    this.text = text;
    this.origin = origin;
  }

  /**
   * @throws IllegalArgumentException if it is none of these
   */
  public static OriginPattern valueOf(String text) {
    if (text.equals("*") || text.equals("null")) {
      return new OriginPattern(text, null);
    }
    WebOrigin origin =
        WebOrigin.parse(
            text.endsWith(ANY_PORT) ? text.substring(0, text.length() - ANY_PORT.length()) : text);
    if (origin == null && !OF_AN_APP.matcher(text).matches()) {
      throw new IllegalArgumentException(
          "not an origin: scheme://host, scheme://host:port, scheme://host:*, null or * are"
              + " expected");
    }
    return new OriginPattern(text, origin);
  }

  /**
   * @param header the header {@code Origin} as it came
   * @param parsed the same, null if it is no origin of the web ({@code null} is none)
   */
  public boolean matches(String header, @Nullable WebOrigin parsed) {
    if (origin == null) {
      return text.equals("*") || text.equals(header);
    }
    return parsed != null
        && (text.endsWith(ANY_PORT) ? origin.sameButForPort(parsed) : origin.equals(parsed));
  }

  @Override
  public String toString() {
    return text;
  }
}
