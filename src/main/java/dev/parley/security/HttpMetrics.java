package dev.parley.security;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.springframework.stereotype.Component;

/** Sockets that speak HTTP, and what was refused below the endpoints. */
@Component
public final class HttpMetrics {
  private final AtomicInteger sockets = new AtomicInteger();
  private final Map<Reason, Counter> refusals = new EnumMap<>(Reason.class);
  private final Counter rateLimited;

  /** Why a request was refused, or its socket closed. */
  public enum Reason {
    /** It is no HTTP request: 400, 414, 431 and the like. */
    MALFORMED,
    /** The client took too long over it: 408, or the socket is closed. */
    SLOW,
    /** Other sockets needed the place of one that waited for a request. */
    CROWDED,
    /** The address or the user has too many requests in progress: 429. */
    BUSY
  }

  HttpMetrics(MeterRegistry registry) {
    Gauge.builder("parley.http.sockets", sockets, AtomicInteger::get).register(registry);
    // The registry has one meter of a name: frames of connections count in it as well.
    rateLimited = Counter.builder("parley.rate.limited").register(registry);
    for (Reason reason : Reason.values()) {
      refusals.put(
          reason,
          Counter.builder("parley.http.refusals")
              .tag("reason", reason.name().toLowerCase(Locale.ROOT))
              .register(registry));
    }
  }

  public void refused(Reason reason) {
    Counter counter = refusals.get(reason);
    if (counter != null) {
      counter.increment();
    }
  }

  /** So many requests, or messages in one, were refused for their rate. */
  public void rateLimited(int requests) {
    rateLimited.increment(requests);
  }

  /** How many sockets speak HTTP; whoever opens and closes them counts. */
  public AtomicInteger sockets() {
    return sockets;
  }
}
