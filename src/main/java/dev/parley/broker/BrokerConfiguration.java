package dev.parley.broker;

import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/**
 * Checks that there is the broker that {@code parley.broker} names: {@code embedded} (the default,
 * for a service that is alone: everything in memory) or {@code redis} (any number of instances, by
 * {@code spring.data.redis.*}). Any other value fails the start.
 */
@Configuration(proxyBeanMethods = false)
public class BrokerConfiguration {
  public static final String PROPERTY = "parley.broker";
  public static final String EMBEDDED = "embedded";
  public static final String REDIS = "redis";

  @Bean
  static BeanFactoryPostProcessor brokerChoice(Environment environment) {
    return beans -> {
      String chosen = environment.getProperty(PROPERTY, EMBEDDED);
      if (!chosen.equalsIgnoreCase(EMBEDDED) && !chosen.equalsIgnoreCase(REDIS)) {
        throw new InvalidConfigurationPropertyValueException(
            PROPERTY, chosen, "It must be 'embedded' or 'redis'.");
      }
    };
  }
}
