package dev.parley.broker.redis;

import dev.parley.broker.BrokerConfiguration;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.autoconfigure.AutoConfigurationImportFilter;
import org.springframework.boot.autoconfigure.AutoConfigurationMetadata;
import org.springframework.context.EnvironmentAware;
import org.springframework.core.env.Environment;

/**
 * Leaves out what Boot configures for Redis and nobody uses: all of it if the broker is not Redis,
 * else the repositories, whose scan would only delay the start, and the health indicator, which
 * waits for a Redis that does not answer; {@link RedisHealth} does not. Named in
 * META-INF/spring.factories.
 */
final class RedisAutoConfigurationFilter
    implements AutoConfigurationImportFilter, EnvironmentAware {
  private static final String REDIS = "org.springframework.boot.data.redis.";

  private static final Pattern UNUSED = Pattern.compile("Repositories|HealthContributor");

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
      kept[i] = name == null || !name.startsWith(REDIS) || (wanted && !UNUSED.matcher(name).find());
    }
    return kept;
  }
}
