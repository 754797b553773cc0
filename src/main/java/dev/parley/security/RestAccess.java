package dev.parley.security;

import static org.springframework.http.HttpMethod.DELETE;
import static org.springframework.http.HttpMethod.GET;
import static org.springframework.http.HttpMethod.HEAD;
import static org.springframework.http.HttpMethod.POST;
import static org.springframework.http.HttpMethod.PUT;

import dev.parley.access.Scope;
import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpMethod;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configurers.AuthorizeHttpRequestsConfigurer;
import org.springframework.security.web.servlet.util.matcher.PathPatternRequestMatcher;
import org.springframework.security.web.util.matcher.OrRequestMatcher;
import org.springframework.security.web.util.matcher.RequestMatcher;

/**
 * Who may make which request under {@code /api/v1}: the one table of it. {@link Scope#ADMIN} may
 * make all of them; what no line names is the admin's alone.
 */
public final class RestAccess {

  /**
   * @param method null: all of them
   * @param path as Spring's path patterns have it
   * @param scope that allows the request beside {@link Scope#ADMIN}; null if none does
   * @param users whether users' tokens do as well, within what their rooms allow
   */
  public record Rule(
      @Nullable HttpMethod method, String path, @Nullable Scope scope, boolean users) {

    private static Rule users(String path) {
      return new Rule(null, path, null, true);
    }

    private static Rule of(HttpMethod method, String path, Scope scope) {
      return new Rule(method, path, scope == Scope.ADMIN ? null : scope, false);
    }
  }

  private static final List<Rule> TABLE =
      List.of(
          Rule.users("/api/v1/rooms/{room}/messages"),
          Rule.users("/api/v1/rooms/{room}/reads"),
          Rule.users("/api/v1/unread"),
          Rule.of(GET, "/api/v1/rooms", Scope.READ),
          Rule.of(GET, "/api/v1/rooms/{room}", Scope.READ),
          Rule.of(DELETE, "/api/v1/rooms/{room}", Scope.MODERATE),
          Rule.of(GET, "/api/v1/rooms/{room}/members", Scope.READ),
          Rule.of(PUT, "/api/v1/rooms/{room}/members/{user}", Scope.MODERATE),
          Rule.of(DELETE, "/api/v1/rooms/{room}/members/{user}", Scope.MODERATE),
          Rule.of(DELETE, "/api/v1/rooms/{room}/messages/{offset}", Scope.MODERATE),
          Rule.users("/api/v1/messages"),
          Rule.of(GET, "/api/v1/users/{user}", Scope.READ),
          Rule.of(POST, "/api/v1/users/{user}/messages", Scope.PUBLISH),
          Rule.of(DELETE, "/api/v1/users/{user}/connections", Scope.MODERATE),
          // Addresses and agents are personal data: who may moderate need not see them.
          Rule.of(GET, "/api/v1/connections", Scope.ADMIN),
          Rule.of(GET, "/api/v1/connections/{connection}", Scope.ADMIN),
          Rule.of(DELETE, "/api/v1/connections/{connection}", Scope.MODERATE),
          Rule.of(GET, "/api/v1/instances", Scope.READ),
          Rule.of(GET, "/api/v1/instances/{instance}", Scope.READ),
          Rule.of(POST, "/api/v1/instances/{instance}/drain", Scope.ADMIN),
          Rule.of(GET, "/api/v1/statistics", Scope.READ));

  private static final RequestMatcher KNOWN =
      new OrRequestMatcher(
          TABLE.stream()
              .map(rule ->
                  (RequestMatcher) PathPatternRequestMatcher.withDefaults().matcher(rule.path()))
              .toList());

  private RestAccess() {}

  /** Whether a line has the request's path, be it for another method. */
  static boolean isKnown(HttpServletRequest request) {
    return KNOWN.matches(request);
  }

  /** The line for a request of this kind; null if there is none. */
  public static @Nullable Rule rule(HttpMethod method, String path) {
    return TABLE.stream()
        .filter(rule -> rule.path().equals(path))
        .filter(rule -> rule.method() == null || rule.method().equals(method))
        .findFirst()
        .orElse(null);
  }

  static void apply(
      AuthorizeHttpRequestsConfigurer<HttpSecurity>.AuthorizationManagerRequestMatcherRegistry
          requests) {
    for (Rule rule : TABLE) {
      HttpMethod method = rule.method();
      apply(requests, method, rule);
      if (GET.equals(method)) {
        // Whoever answers GET answers HEAD.
        apply(requests, HEAD, rule);
      }
    }
    requests.requestMatchers("/api/v1/**").hasAuthority(Scope.ADMIN.authority());
  }

  private static void apply(
      AuthorizeHttpRequestsConfigurer<HttpSecurity>.AuthorizationManagerRequestMatcherRegistry
          requests,
      @Nullable HttpMethod method,
      Rule rule) {
    var matched =
        method == null
            ? requests.requestMatchers(rule.path())
            : requests.requestMatchers(method, rule.path());
    Scope scope = rule.scope();
    if (rule.users()) {
      matched.authenticated();
    } else if (scope == null) {
      matched.hasAuthority(Scope.ADMIN.authority());
    } else {
      matched.hasAnyAuthority(Scope.ADMIN.authority(), scope.authority());
    }
  }
}
