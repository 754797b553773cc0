package dev.parley.readiness;

import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.autoconfigure.web.server.ManagementPortType;
import org.springframework.boot.actuate.endpoint.SecurityContext;
import org.springframework.boot.health.actuate.endpoint.AdditionalHealthEndpointPath;
import org.springframework.boot.health.actuate.endpoint.HealthEndpointGroup;
import org.springframework.boot.health.actuate.endpoint.HealthEndpointGroups;
import org.springframework.boot.health.actuate.endpoint.HealthEndpointGroupsPostProcessor;
import org.springframework.boot.health.actuate.endpoint.HttpCodeStatusMapper;
import org.springframework.boot.health.actuate.endpoint.StatusAggregator;
import org.springframework.core.env.Environment;
import org.springframework.core.env.Profiles;
import org.springframework.stereotype.Component;

/**
 * Keeps the details of the health to the operators' port: if operators share the users' port,
 * anybody may ask, and is told the status alone. Profile {@code dev} is for one person.
 */
@Component
final class HealthDetails implements HealthEndpointGroupsPostProcessor {
  private final boolean shown;

  HealthDetails(Environment environment) {
    shown =
        ManagementPortType.get(environment) != ManagementPortType.SAME
            || environment.acceptsProfiles(Profiles.of("dev"));
  }

  @Override
  public HealthEndpointGroups postProcessHealthEndpointGroups(HealthEndpointGroups groups) {
    if (shown) {
      return groups;
    }
    Map<String, HealthEndpointGroup> named =
        groups.getNames().stream()
            .collect(
                Collectors.toMap(
                    Function.identity(),
                    name -> new StatusOnly(Objects.requireNonNull(groups.get(name)))));
    return HealthEndpointGroups.of(new StatusOnly(groups.getPrimary()), named);
  }

  private record StatusOnly(HealthEndpointGroup group) implements HealthEndpointGroup {
    @Override
    public boolean isMember(String name) {
      return group.isMember(name);
    }

    @Override
    public boolean showComponents(SecurityContext asker) {
      return false;
    }

    @Override
    public boolean showDetails(SecurityContext asker) {
      return false;
    }

    @Override
    public StatusAggregator getStatusAggregator() {
      return group.getStatusAggregator();
    }

    @Override
    public HttpCodeStatusMapper getHttpCodeStatusMapper() {
      return group.getHttpCodeStatusMapper();
    }

    @Override
    public @Nullable AdditionalHealthEndpointPath getAdditionalPath() {
      return group.getAdditionalPath();
    }
  }
}
