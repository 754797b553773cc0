package dev.parley.security;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import org.springframework.stereotype.Component;

/** Counts handshakes by outcome: {@code parley_handshakes_total{outcome}}. */
@Component
final class AccessMetrics {
  private final Map<HandshakeOutcome, Counter> handshakes = new EnumMap<>(HandshakeOutcome.class);

  enum HandshakeOutcome {
    ACCEPTED,
    BAD_REQUEST,
    UNAUTHORIZED,
    FORBIDDEN,
    RATE_LIMITED,
    UNAVAILABLE;

    static HandshakeOutcome of(int status) {
      return switch (status) {
        case 101 -> ACCEPTED;
        case 401 -> UNAUTHORIZED;
        case 403 -> FORBIDDEN;
        case 429 -> RATE_LIMITED;
        default -> status >= 500 ? UNAVAILABLE : BAD_REQUEST;
      };
    }
  }

  AccessMetrics(MeterRegistry registry) {
    for (HandshakeOutcome outcome : HandshakeOutcome.values()) {
      handshakes.put(
          outcome,
          Counter.builder("parley.handshakes")
              .description("WebSocket handshakes by outcome")
              .tag("outcome", outcome.name().toLowerCase(Locale.ROOT))
              .register(registry));
    }
  }

  void handshake(HandshakeOutcome outcome) {
    Counter counter = handshakes.get(outcome);
    if (counter != null) {
      counter.increment();
    }
  }
}
