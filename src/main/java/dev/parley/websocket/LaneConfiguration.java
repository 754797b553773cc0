package dev.parley.websocket;

import dev.parley.budget.BudgetKind;
import dev.parley.budget.Budgets;
import dev.parley.connection.Connections;
import dev.parley.delivery.Lanes;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.ServerConnector;
import org.springframework.boot.jetty.servlet.JettyServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * The lanes, and Jetty's selectors that they are. The management port's connector keeps selectors
 * of its own.
 */
@Configuration(proxyBeanMethods = false)
class LaneConfiguration {

  @Bean(destroyMethod = "shutdownNow")
  ScheduledThreadPoolExecutor laneTimer() {
    ScheduledThreadPoolExecutor timer =
        new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().name("parley-timer").daemon().factory());
    timer.setRemoveOnCancelPolicy(true);
    return timer;
  }

  @Bean
  SelectorLanes selectorLanes(
      LaneProperties properties, Budgets budgets, ScheduledThreadPoolExecutor laneTimer) {
    return new SelectorLanes(properties.count(), budgets.of(BudgetKind.OUTBOUND), laneTimer);
  }

  @Bean
  Lanes lanes(SelectorLanes selectorLanes) {
    return selectorLanes.lanes();
  }

  @Bean
  Connections connections(Lanes lanes, MeterRegistry registry) {
    return new Connections(lanes, registry);
  }

  @Bean
  WebServerFactoryCustomizer<JettyServletWebServerFactory> selectorsAreLanes(SelectorLanes lanes) {
    return factory -> {
      factory.setSelectors(lanes.lanes().size());
      factory.addServerCustomizers(server -> {
        Connector[] connectors = server.getConnectors();
        for (int i = 0; i < connectors.length; i++) {
          if (connectors[i] instanceof ServerConnector selecting) {
            ServerConnector own = lanes.withSelectors(selecting);
            lanes.attachTo(own);
            connectors[i] = own;
          }
        }
        server.setConnectors(connectors);
      });
    };
  }
}
