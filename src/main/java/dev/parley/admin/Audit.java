package dev.parley.admin;

import dev.parley.admin.cluster.CommandResult;
import dev.parley.security.IdentityAuthentication;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpMethod;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.HandlerInterceptor;
import org.springframework.web.servlet.HandlerMapping;

/**
 * Writes a line to the log {@code dev.parley.audit} for each request by which an operator changes
 * something other than by a message, once its answer is known: who, what, on what, with what
 * result, from where. Nothing of a message's content is in it, nor any token.
 */
final class Audit implements HandlerInterceptor {
  private static final Logger log = LoggerFactory.getLogger("dev.parley.audit");
  private static final String WHO = Audit.class.getName() + ".who";
  private static final String NOTES = Audit.class.getName() + ".notes";

  /** Adds to the line of this request. Called before its answer is complete. */
  static void note(HttpServletRequest request, String key, Object value) {
    Object notes = request.getAttribute(NOTES);
    request.setAttribute(NOTES, (notes == null ? "" : notes) + " " + key + "=" + value);
  }

  static CommandResult note(HttpServletRequest request, CommandResult changes) {
    note(request, "connections", changes.connections());
    note(request, "silent", changes.silent().isEmpty() ? "-" : String.join(",", changes.silent()));
    return changes;
  }

  @Override
  public boolean preHandle(
      HttpServletRequest request, HttpServletResponse response, Object handler) {
    // On its second way through, with the answer, the request has no identity any more.
    if (request.getUserPrincipal() instanceof IdentityAuthentication user
        && user.identity().isServer()) {
      request.setAttribute(WHO, user.getName());
    }
    return true;
  }

  @Override
  public void afterCompletion(
      HttpServletRequest request,
      HttpServletResponse response,
      Object handler,
      @Nullable Exception failure) {
    Object who = request.getAttribute(WHO);
    if (who == null || !(handler instanceof HandlerMethod method) || isReading(request)) {
      return;
    }
    Object notes = request.getAttribute(NOTES);
    log.info(
        "action={} by={} address={}{} status={}{}",
        method.getMethod().getName(),
        who,
        request.getRemoteAddr(),
        variables(request),
        failure == null ? response.getStatus() : 500,
        notes == null ? "" : notes);
  }

  private static boolean isReading(HttpServletRequest request) {
    return HttpMethod.GET.matches(request.getMethod())
        || HttpMethod.HEAD.matches(request.getMethod())
        || HttpMethod.OPTIONS.matches(request.getMethod());
  }

  private static String variables(HttpServletRequest request) {
    StringBuilder text = new StringBuilder();
    if (request.getAttribute(HandlerMapping.URI_TEMPLATE_VARIABLES_ATTRIBUTE)
        instanceof Map<?, ?> variables) {
      new TreeMap<>(variables)
          .forEach((name, value) -> text.append(' ').append(name).append('=').append(plain(value)));
    }
    return text.toString();
  }

  /** A name that was refused can be anything: it must not look like a line or a field of ours. */
  private static String plain(Object value) {
    String text = value.toString().replaceAll("[^A-Za-z0-9._:~@|+=-]", "?");
    return text.length() <= 160 ? text : text.substring(0, 160);
  }
}
