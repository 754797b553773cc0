package dev.parley.security;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Collections;
import java.util.Enumeration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Takes the token out of the request before anything else sees it, and keeps it in an attribute for
 * {@link TokenFilter}. What comes later (Spring's request logging at any level, error pages, the
 * subprotocol's negotiation) cannot repeat what it does not see. Jetty's access log stands before
 * every filter: application.yml gives it a format without the query.
 */
final class TokenStrippingFilter extends OncePerRequestFilter {
  private static final String ATTRIBUTE = TokenStrippingFilter.class.getName() + ".token";

  /** The request's token, once: null the second time, or if there was none. */
  static @Nullable String take(HttpServletRequest request) {
    String token = (String) request.getAttribute(ATTRIBUTE);
    request.removeAttribute(ATTRIBUTE);
    return token;
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    String token = PresentedToken.in(request);
    if (token == null) {
      chain.doFilter(request, response);
      return;
    }
    request.setAttribute(ATTRIBUTE, token);
    try {
      chain.doFilter(new Shielded(request), response);
    } finally {
      request.removeAttribute(ATTRIBUTE);
    }
  }

  @Override
  protected boolean shouldNotFilterAsyncDispatch() {
    return false;
  }

  @Override
  protected boolean shouldNotFilterErrorDispatch() {
    return false;
  }

  /** The request as if it had come without a token. */
  private static final class Shielded extends HttpServletRequestWrapper {

    Shielded(HttpServletRequest request) {
      super(request);
    }

    @Override
    public @Nullable String getQueryString() {
      String query = super.getQueryString();
      if (query == null) {
        return null;
      }
      String rest = PresentedToken.queryWithoutToken(query);
      return rest.isEmpty() ? null : rest;
    }

    @Override
    public @Nullable String getHeader(String name) {
      Enumeration<String> values = getHeaders(name);
      return values.hasMoreElements() ? values.nextElement() : null;
    }

    @Override
    public Enumeration<String> getHeaders(String name) {
      Enumeration<String> values = super.getHeaders(name);
      if (name.equalsIgnoreCase(HttpHeaders.AUTHORIZATION)) {
        return Collections.enumeration(
            Collections.list(values).stream()
                .filter(value -> !PresentedToken.isBearer(value))
                .toList());
      }
      if (name.equalsIgnoreCase(PresentedToken.PROTOCOL_HEADER)) {
        return Collections.enumeration(
            Collections.list(values).stream()
                .map(PresentedToken::withoutToken)
                .filter(value -> !value.isBlank())
                .toList());
      }
      return values;
    }

    @Override
    public Enumeration<String> getHeaderNames() {
      List<String> names =
          Collections.list(super.getHeaderNames()).stream()
              .filter(name -> getHeader(name) != null)
              .toList();
      return Collections.enumeration(names);
    }

    @Override
    public @Nullable String getParameter(String name) {
      return PresentedToken.isParameter(name) ? null : super.getParameter(name);
    }

    @Override
    public String @Nullable [] getParameterValues(String name) {
      return PresentedToken.isParameter(name) ? null : super.getParameterValues(name);
    }

    @Override
    public Map<String, String[]> getParameterMap() {
      Map<String, String[]> rest = new LinkedHashMap<>(super.getParameterMap());
      rest.keySet().removeIf(PresentedToken::isParameter);
      return Collections.unmodifiableMap(rest);
    }

    @Override
    public Enumeration<String> getParameterNames() {
      return Collections.enumeration(getParameterMap().keySet());
    }
  }
}
