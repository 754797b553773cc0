package dev.parley.broker.embedded;

import dev.parley.broker.BrokerConfiguration;
import dev.parley.budget.BudgetKind;
import dev.parley.budget.Budgets;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The broker of a single instance, which is the default. */
@Configuration(proxyBeanMethods = false)
@ConditionalOnProperty(
    name = BrokerConfiguration.PROPERTY,
    havingValue = BrokerConfiguration.EMBEDDED,
    matchIfMissing = true)
public class EmbeddedConfiguration {
  @Bean
  EmbeddedBroker broker(Budgets budgets) {
    return new EmbeddedBroker(budgets.of(BudgetKind.LOG));
  }
}
