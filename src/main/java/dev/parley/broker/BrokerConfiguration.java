package dev.parley.broker;

import dev.parley.budget.BudgetKind;
import dev.parley.budget.Budgets;
import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/**
 * Makes the broker that {@code parley.broker} names: {@code embedded} (the default, for a service
 * that is alone: everything in memory) or {@code redis} (any number of instances, by {@code
 * spring.data.redis.*}). Any other value fails the start.
 */
@Configuration(proxyBeanMethods = false)
class BrokerConfiguration {
  static final String PROPERTY = "parley.broker";
  static final String EMBEDDED = "embedded";
  static final String REDIS = "redis";

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

  @Bean
  @ConditionalOnProperty(name = PROPERTY, havingValue = EMBEDDED, matchIfMissing = true)
  EmbeddedBroker broker(HistoryProperties history, Budgets budgets) {
    return new EmbeddedBroker(history, budgets.of(BudgetKind.LOG));
  }
}
