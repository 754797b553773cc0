package dev.parley.support;

import static org.awaitility.Awaitility.await;

import java.time.Duration;
import org.springframework.context.ApplicationContext;

/** Waits for a service that was started in this JVM. */
public final class Ready {
  private Ready() {}

  /** Until it has reached whatever it needs: before, handshakes are answered with 503. */
  public static void awaitReady(ApplicationContext service) {
    await()
        .atMost(Duration.ofSeconds(20))
        .pollInterval(Duration.ofMillis(10))
        .until(() ->
            service.getBeanProvider(Precondition.class).stream()
                .allMatch(each -> each.unmet() == null));
  }
}
