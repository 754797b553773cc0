package dev.parley.security;

import java.util.List;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.Request;

/**
 * Of the headers by which proxies tell who a client is, Jetty is left {@code X-Forwarded-For},
 * {@code -Host}, {@code -Proto} and {@code -Port}, which the usual proxies replace. The others that
 * it would believe pass through many of them as a client has made them up.
 */
final class ProxyHeaders implements HttpConfiguration.Customizer {
  private static final List<String> NOT_BELIEVED =
      List.of(
          "Forwarded", "X-Forwarded-Server", "X-Proxied-Https", "Proxy-auth-cert", "Proxy-ssl-id");

  @Override
  public Request customize(Request request, HttpFields.Mutable responseHeaders) {
    HttpFields headers = request.getHeaders();
    if (NOT_BELIEVED.stream().noneMatch(headers::contains)) {
      return request;
    }
    HttpFields.Mutable believed = HttpFields.build(headers);
    NOT_BELIEVED.forEach(believed::remove);
    HttpFields left = believed.asImmutable();
    return new Request.Wrapper(request) {
      @Override
      public HttpFields getHeaders() {
        return left;
      }
    };
  }
}
