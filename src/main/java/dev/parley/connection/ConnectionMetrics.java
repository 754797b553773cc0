package dev.parley.connection;

import dev.parley.protocol.CloseCode;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.Map;
import org.springframework.stereotype.Component;

/** What connections count; docs/METRICS.md has the meanings. */
@Component
public class ConnectionMetrics {
  private final Map<CloseCode, Counter> closes = new EnumMap<>(CloseCode.class);
  private final Counter broken;
  private final Counter frames;
  private final Counter json;
  private final Counter binary;
  private final Counter rateLimited;

  public ConnectionMetrics(MeterRegistry registry) {
    for (CloseCode code : CloseCode.values()) {
      closes.put(
          code,
          Counter.builder("parley.closes")
              .tag("code", Integer.toString(code.code()))
              .register(registry));
    }
    broken = Counter.builder("parley.closes").tag("code", "1006").register(registry);
    frames = Counter.builder("parley.frames.received").register(registry);
    json = Counter.builder("parley.messages.received").tag("form", "json").register(registry);
    binary = Counter.builder("parley.messages.received").tag("form", "binary").register(registry);
    rateLimited = Counter.builder("parley.rate.limited").register(registry);
  }

  /** The server closed a connection with this code, or its client did with 1000 or 1001. */
  public void closed(CloseCode code) {
    Counter counter = closes.get(code);
    if (counter != null) {
      counter.increment();
    }
  }

  /**
   * A connection ended without a close frame (1006 of RFC 6455, section 7.4.1, which is never
   * sent).
   */
  void broken() {
    broken.increment();
  }

  /** A frame came from a client. */
  public void frame() {
    frames.increment();
  }

  /** A message for a room came from a client. */
  public void message(boolean isBinary) {
    (isBinary ? binary : json).increment();
  }

  /** A frame was refused for its rate. */
  public void rateLimited() {
    rateLimited.increment();
  }
}
