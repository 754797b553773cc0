package dev.parley.security;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.server.ServerHttpRequest;
import org.springframework.http.server.ServerHttpResponse;
import org.springframework.http.server.ServletServerHttpRequest;
import org.springframework.http.server.ServletServerHttpResponse;
import org.springframework.web.socket.WebSocketHandler;
import org.springframework.web.socket.server.HandshakeInterceptor;

/**
 * One check of a handshake: it refuses with a {@link Problem}, or leaves what it has found out in
 * the attributes, for the checks that follow and for the connection.
 */
public abstract class HandshakeCheck implements HandshakeInterceptor {

  /**
   * Null if the handshake may go on.
   *
   * @param response for headers that go with the problem
   */
  protected abstract @Nullable Problem check(
      HttpServletRequest request, HttpServletResponse response, Map<String, Object> attributes);

  @Override
  public final boolean beforeHandshake(
      ServerHttpRequest request,
      ServerHttpResponse response,
      WebSocketHandler handler,
      Map<String, Object> attributes)
      throws IOException {
    HttpServletResponse servletResponse =
        ((ServletServerHttpResponse) response).getServletResponse();
    Problem problem =
        check(
            ((ServletServerHttpRequest) request).getServletRequest(), servletResponse, attributes);
    if (problem == null) {
      return true;
    }
    problem.writeTo(servletResponse);
    return false;
  }

  @Override
  public final void afterHandshake(
      ServerHttpRequest request,
      ServerHttpResponse response,
      WebSocketHandler handler,
      @Nullable Exception exception) {}

  /** What an earlier check has left under this name. */
  protected static <T> T found(Map<String, Object> attributes, String name, Class<T> type) {
    Object value = attributes.get(name);
    if (!type.isInstance(value)) {
      throw new IllegalStateException("no " + name + ": the handshake was not admitted");
    }
    return type.cast(value);
  }
}
