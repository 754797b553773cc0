package dev.parley.budget;

import io.micrometer.core.instrument.MeterRegistry;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The budgets of this instance, by the JVM's maximal heap. */
@Configuration(proxyBeanMethods = false)
class BudgetConfiguration {

  @Bean
  Budgets budgets(
      BudgetProperties properties, OutboundProperties outbound, MeterRegistry registry) {
    Budgets budgets = properties.budgets(Runtime.getRuntime().maxMemory(), outbound.totalBytes());
    BudgetMetrics.register(registry, budgets);
    return budgets;
  }
}
