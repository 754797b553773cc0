package dev.parley.http;

import dev.parley.protocol.ErrorCode;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.springframework.core.MethodParameter;
import org.springframework.http.HttpMethod;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.HandlerInterceptor;

/**
 * Refuses a request whose query has a parameter that its handler does not ask for by {@link
 * RequestParam}, or has one twice that is not a list: what is misspelt must not be passed over.
 */
final class QueryCheck implements HandlerInterceptor {

  @Override
  public boolean preHandle(
      HttpServletRequest request, HttpServletResponse response, Object handler) {
    // A request comes by again with its answer, and nobody misses a parameter of OPTIONS.
    if (request.getDispatcherType() == DispatcherType.REQUEST
        && handler instanceof HandlerMethod method
        && !HttpMethod.OPTIONS.matches(request.getMethod())) {
      Map<String, String[]> given = request.getParameterMap();
      if (!given.isEmpty()) {
        check(given, method);
      }
    }
    return true;
  }

  private static void check(Map<String, String[]> given, HandlerMethod method) {
    Map<String, Boolean> known = known(method);
    given.forEach((name, values) -> {
      Boolean isList = known.get(name);
      if (isList == null) {
        throw refused(name, "is not a parameter of this request");
      }
      if (values.length > 1 && !isList) {
        throw refused(name, "is expected once");
      }
    });
  }

  /** By name, whether it is a list. */
  private static Map<String, Boolean> known(HandlerMethod method) {
    return Arrays.stream(method.getMethodParameters())
        .filter(parameter -> parameter.hasParameterAnnotation(RequestParam.class))
        .collect(
            Collectors.toUnmodifiableMap(
                QueryCheck::name,
                parameter -> List.class.isAssignableFrom(parameter.getParameterType())));
  }

  private static String name(MethodParameter parameter) {
    RequestParam annotation = parameter.getParameterAnnotation(RequestParam.class);
    return annotation == null || annotation.name().isEmpty()
        ? parameter.getParameter().getName()
        : annotation.name();
  }

  private static RefusedException refused(String name, String fault) {
    return RefusedException.parameter(ErrorCode.INVALID_MESSAGE, name, name + " " + fault);
  }
}
