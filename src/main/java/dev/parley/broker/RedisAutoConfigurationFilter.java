package dev.parley.broker;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.autoconfigure.AutoConfigurationImportFilter;
import org.springframework.boot.autoconfigure.AutoConfigurationMetadata;
import org.springframework.context.EnvironmentAware;
import org.springframework.core.env.Environment;

/**
 * Leaves Boot's Redis configuration out where the broker is not Redis: its health indicator would
 * call the service down for want of a server that nobody uses. Redis repositories, whose scan would
 * only delay the start, are left out always. Named in META-INF/spring.factories.
 */
final class RedisAutoConfigurationFilter
    implements AutoConfigurationImportFilter, EnvironmentAware {
  private static final String REDIS = "org.springframework.boot.data.redis.";

  private boolean wanted;

  @Override
  public void setEnvironment(Environment environment) {
    wanted =
        BrokerConfiguration.REDIS.equalsIgnoreCase(
            environment.getProperty(BrokerConfiguration.PROPERTY));
  }

  @Override
  public boolean[] match(
      @Nullable String[] classNames, AutoConfigurationMetadata autoConfigurationMetadata) {
    boolean[] kept = new boolean[classNames.length];
    for (int i = 0; i < kept.length; i++) {
      String name = classNames[i];
      kept[i] =
          name == null || !name.startsWith(REDIS) || (wanted && !name.contains("Repositories"));
    }
    return kept;
  }
}
