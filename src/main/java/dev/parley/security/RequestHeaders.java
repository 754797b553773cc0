package dev.parley.security;

import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.Request;
import org.jspecify.annotations.Nullable;

/**
 * Which headers of a request everybody behind this sees.
 *
 * <p>Of those by which proxies tell who a client is, {@code X-Forwarded-For}, {@code -Host}, {@code
 * -Proto} and {@code -Port}, which the usual proxies replace. The others that Jetty would believe
 * pass through many of them as a client has made them up. A proxy that names the scheme of the
 * WebSocket means that of HTTP.
 *
 * <p>No {@code Accept-Language}: there is one language, and a malformed header would fail the
 * request wherever its locale is asked for.
 */
final class RequestHeaders implements HttpConfiguration.Customizer {
  private static final String PROTO = "X-Forwarded-Proto";
  private static final List<String> BELIEVED =
      List.of("X-Forwarded-For", "X-Forwarded-Host", PROTO, "X-Forwarded-Port");
  private static final List<String> DROPPED =
      List.of(
          "Forwarded",
          "X-Forwarded-Server",
          "X-Proxied-Https",
          "Proxy-auth-cert",
          "Proxy-ssl-id",
          "Accept-Language");
  private static final Pattern WEB_SOCKET = Pattern.compile("(?i)\\bws(s?)\\b");

  @Override
  public Request customize(Request request, HttpFields.Mutable responseHeaders) {
    HttpFields headers = request.getHeaders();
    boolean webSocketScheme =
        headers.getValuesList(PROTO).stream().anyMatch(value -> WEB_SOCKET.matcher(value).find());
    List<String> dropped =
        Stream.concat(
                DROPPED.stream().filter(headers::contains),
                BELIEVED.stream().filter(name -> isEmpty(headers.get(name))))
            .toList();
    if (dropped.isEmpty() && !webSocketScheme) {
      return request;
    }
    HttpFields.Mutable left = HttpFields.build(headers);
    dropped.forEach(left::remove);
    if (webSocketScheme) {
      String schemes = String.join(",", left.getValuesList(PROTO));
      left.put(PROTO, WEB_SOCKET.matcher(schemes).replaceAll("http$1"));
    }
    HttpFields seen = left.asImmutable();
    return new Request.Wrapper(request) {
      @Override
      public HttpFields getHeaders() {
        return seen;
      }
    };
  }

  /** Whether a header is there and says nothing, as of a proxy whose variable is not set. */
  private static boolean isEmpty(@Nullable String value) {
    return value != null && value.split(",", 2)[0].isBlank();
  }
}
