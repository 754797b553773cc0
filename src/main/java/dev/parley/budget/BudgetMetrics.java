package dev.parley.budget;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;

/** What the budgets hold, and how often they refused; docs/METRICS.md has the meanings. */
final class BudgetMetrics {

  private BudgetMetrics() {}

  static void register(MeterRegistry registry, Budgets budgets) {
    for (BudgetKind kind : BudgetKind.values()) {
      Budget budget = budgets.of(kind);
      Tags tags = Tags.of("kind", kind.label());
      Gauge.builder("parley.budget.held.bytes", budget, Budget::held).tags(tags).register(registry);
      Gauge.builder("parley.budget.limit.bytes", budget, Budget::limit)
          .tags(tags)
          .register(registry);
      FunctionCounter.builder("parley.budget.refusals", budget, Budget::refusals)
          .tags(tags)
          .register(registry);
    }
  }
}
