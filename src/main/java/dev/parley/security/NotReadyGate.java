package dev.parley.security;

import dev.parley.access.AdmissionGate;
import dev.parley.access.Identity;
import dev.parley.readiness.Precondition;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;

/**
 * Takes no connection while the instance is not ready. Why it is not is for operators: the health
 * says it, and the log.
 */
@Component
@Order(0)
final class NotReadyGate implements AdmissionGate {
  private static final long RETRY_SECONDS = 5;

  private final List<Precondition> preconditions;

  NotReadyGate(ObjectProvider<Precondition> preconditions) {
    this.preconditions = preconditions.stream().toList();
  }

  @Override
  public @Nullable Refusal check(Identity identity, String address) {
    boolean ready = preconditions.stream().allMatch(condition -> condition.unmet() == null);
    return ready ? null : new Refusal("This instance is not ready", RETRY_SECONDS);
  }
}
