package dev.parley.security;

import dev.parley.access.AdmissionGate;
import dev.parley.access.Identity;
import dev.parley.protocol.ErrorCode;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.stereotype.Component;

/**
 * The last word on a handshake. Origin, rate and token were judged by the security chain; here the
 * instance may decline, the verdict is given to those who only ask for it, and a malformed upgrade
 * is told what is wrong. Whoever passes has an identity in the attributes.
 */
@Component
public final class HandshakeAdmission extends HandshakeCheck {
  private static final String IDENTITY = HandshakeAdmission.class.getName() + ".identity";

  private static final AdmissionGate.Refusal TRY_AGAIN =
      new AdmissionGate.Refusal("Too many handshakes at once", 1);

  private final List<AdmissionGate> gates;

  HandshakeAdmission(ObjectProvider<AdmissionGate> gates) {
    this.gates = gates.orderedStream().toList();
  }

  /** Whose handshake it was, from the attributes that the interceptors left. */
  public static Identity identity(Map<String, Object> attributes) {
    return found(attributes, IDENTITY, Identity.class);
  }

  @Override
  protected @Nullable Problem check(
      HttpServletRequest request, HttpServletResponse response, Map<String, Object> attributes) {
    Identity identity = identity();
    Problem problem = problem(request, response, identity);
    if (problem == null) {
      attributes.put(IDENTITY, identity);
    }
    return problem;
  }

  private static Identity identity() {
    if (SecurityContextHolder.getContext().getAuthentication()
        instanceof IdentityAuthentication authentication) {
      return authentication.identity();
    }
    throw new IllegalStateException("no identity: this path is outside the security chain");
  }

  /**
   * Answers a handshake that was admitted and cannot be had after all.
   *
   * @param refusal null if it could be had by now
   */
  public static void refuse(AdmissionGate.@Nullable Refusal refusal, HttpServletResponse response)
      throws IOException {
    problem(refusal == null ? TRY_AGAIN : refusal).writeTo(response);
  }

  private static Problem problem(AdmissionGate.Refusal refusal) {
    return new Problem(
        refusal.ofTheUser() ? HttpStatus.TOO_MANY_REQUESTS : HttpStatus.SERVICE_UNAVAILABLE,
        refusal.detail(),
        refusal.ofTheUser() ? ErrorCode.RATE_LIMITED : null,
        Math.max(1, refusal.retryAfterSeconds()));
  }

  private @Nullable Problem problem(
      HttpServletRequest request, HttpServletResponse response, Identity identity) {
    if (!HttpMethod.GET.matches(request.getMethod())) {
      response.setHeader(HttpHeaders.ALLOW, HttpMethod.GET.name());
      return new Problem(HttpStatus.METHOD_NOT_ALLOWED, "A WebSocket handshake must be a GET");
    }
    for (AdmissionGate gate : gates) {
      AdmissionGate.Refusal refusal = gate.check(identity, ClientAddress.of(request));
      if (refusal != null) {
        return problem(refusal);
      }
    }
    if (!Handshakes.isUpgrade(request)) {
      response.setHeader(HttpHeaders.UPGRADE, "websocket");
      response.setHeader(HttpHeaders.CONNECTION, HttpHeaders.UPGRADE);
      return new Problem(
          HttpStatus.UPGRADE_REQUIRED, "The handshake would succeed: open a WebSocket here");
    }
    String flaw = Handshakes.flaw(request);
    if (flaw != null) {
      response.setHeader(Handshakes.VERSION_HEADER, Handshakes.VERSION);
      return new Problem(HttpStatus.BAD_REQUEST, flaw);
    }
    return null;
  }
}
