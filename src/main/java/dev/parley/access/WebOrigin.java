package dev.parley.access;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where a page came from (RFC 6454): scheme and host in lower case, IPv6 without brackets, the port
 * written out.
 *
 * @param port -1 if the scheme has no default and none was given
 */
public record WebOrigin(String scheme, String host, int port) {
  private static final Pattern SYNTAX =
      Pattern.compile(
          "([A-Za-z][A-Za-z0-9+.-]*)://(\\[[0-9A-Fa-f:.]+]|[^\\[\\]/:?#@*\\s]+)(?::([0-9]{1,5}))?");

  public static WebOrigin of(String scheme, String host, int port) {
    String plainScheme = scheme.toLowerCase(Locale.ROOT);
    String plainHost = host.toLowerCase(Locale.ROOT);
    if (plainHost.startsWith("[") && plainHost.endsWith("]")) {
      plainHost = plainHost.substring(1, plainHost.length() - 1);
    }
    return new WebOrigin(plainScheme, plainHost, port > 0 ? port : defaultPort(plainScheme));
  }

  /** The origin, or null if the text is none. */
  public static @Nullable WebOrigin parse(String text) {
    Matcher matcher = SYNTAX.matcher(text);
    if (!matcher.matches()) {
      return null;
    }
    String port = matcher.group(3);
    return of(matcher.group(1), matcher.group(2), port == null ? -1 : Integer.parseInt(port));
  }

  boolean sameButForPort(WebOrigin other) {
    return scheme.equals(other.scheme) && host.equals(other.host);
  }

  private static int defaultPort(String scheme) {
    return switch (scheme) {
      case "http" -> 80;
      case "https" -> 443;
      default -> -1;
    };
  }
}
