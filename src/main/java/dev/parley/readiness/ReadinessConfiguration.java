package dev.parley.readiness;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.availability.ApplicationAvailability;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Makes the readiness probe. */
@Configuration(proxyBeanMethods = false)
public class ReadinessConfiguration {

  /** By this name it takes the place of Boot's in the readiness group. */
  @Bean
  Readiness readinessStateHealthIndicator(
      ApplicationAvailability availability, ObjectProvider<Precondition> preconditions) {
    return new Readiness(availability, preconditions);
  }
}
