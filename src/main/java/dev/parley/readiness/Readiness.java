package dev.parley.readiness;

import java.util.List;
import java.util.Objects;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.availability.ApplicationAvailability;
import org.springframework.boot.availability.AvailabilityState;
import org.springframework.boot.availability.ReadinessState;
import org.springframework.boot.health.application.ReadinessStateHealthIndicator;
import org.springframework.boot.health.contributor.Health;

/** The readiness probe: refuses traffic while a {@link Precondition} is unmet, and says why. */
final class Readiness extends ReadinessStateHealthIndicator {
  private final List<Precondition> preconditions;

  Readiness(ApplicationAvailability availability, ObjectProvider<Precondition> preconditions) {
    super(availability);
    this.preconditions = preconditions.stream().toList();
  }

  private List<String> unmet() {
    return preconditions.stream().map(Precondition::unmet).filter(Objects::nonNull).toList();
  }

  @Override
  protected AvailabilityState getState(ApplicationAvailability availability) {
    return unmet().isEmpty() ? super.getState(availability) : ReadinessState.REFUSING_TRAFFIC;
  }

  @Override
  protected void doHealthCheck(Health.Builder builder) throws Exception {
    super.doHealthCheck(builder);
    List<String> reasons = unmet();
    if (!reasons.isEmpty()) {
      builder.withDetail("reason", String.join(" ", reasons));
    }
  }
}
