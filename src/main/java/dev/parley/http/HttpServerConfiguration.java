package dev.parley.http;

import dev.parley.access.LimitsProperties;
import dev.parley.budget.Budgets;
import dev.parley.connection.WebSocketProperties;
import dev.parley.security.Cors;
import dev.parley.security.HttpMetrics;
import dev.parley.security.HttpProperties;
import org.eclipse.jetty.server.AbstractConnectionFactory;
import org.eclipse.jetty.server.AbstractConnector;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.springframework.boot.jetty.ConfigurableJettyWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Puts the bounds of {@code parley.http} into the users' web server. */
@Configuration(proxyBeanMethods = false)
class HttpServerConfiguration {
  /** Sockets that the kernel keeps while none are accepted; it has a bound of its own as well. */
  private static final int ACCEPT_QUEUE = 1_024;

  @Bean
  HttpSockets httpSockets(HttpProperties properties, HttpMetrics metrics) {
    return new HttpSockets(properties, metrics);
  }

  @Bean
  WebServerFactoryCustomizer<ConfigurableJettyWebServerFactory> patientServer(
      HttpSockets sockets,
      HttpProperties properties,
      LimitsProperties limits,
      WebSocketProperties webSocket,
      Budgets budgets,
      HttpMetrics metrics,
      Cors cors) {
    int maxBodyBytes = Math.toIntExact(webSocket.maxMessageBytes().toBytes());
    int maxBatchBytes = MessageRequests.maxBatchBytes(properties, webSocket);
    int requestsPerAddress = limits.enabled() ? properties.requestsPerAddress() : Integer.MAX_VALUE;
    return factory ->
        factory.addServerCustomizers(server -> {
          sockets.sweptBy(server.getScheduler());
          server.addBean(sockets);
          listen(server, sockets);
          // Jetty's own timer, which every byte sets back, is to leave that to the sockets.
          long idleMillis = properties.idleTimeout().plus(properties.patience()).toMillis();
          for (Connector connector : server.getConnectors()) {
            if (connector instanceof AbstractConnector each) {
              each.setIdleTimeout(Math.max(each.getIdleTimeout(), idleMillis));
            }
          }
          RequestIntake intake =
              new RequestIntake(
                  sockets, requestsPerAddress, budgets, metrics, cors, maxBodyBytes, maxBatchBytes);
          intake.setHandler(server.getHandler());
          server.setHandler(intake);
        });
  }

  /** By the factories of HTTP connections: of each upgrade, or end of TLS, they hear nothing. */
  private static void listen(Server server, HttpSockets sockets) {
    for (Connector connector : server.getConnectors()) {
      if (connector instanceof ServerConnector selecting) {
        selecting.setAcceptQueueSize(ACCEPT_QUEUE);
      }
      for (ConnectionFactory protocol : connector.getConnectionFactories()) {
        if (protocol instanceof AbstractConnectionFactory listened
            && protocol instanceof HttpConfiguration.ConnectionFactory) {
          listened.addEventListener(sockets);
        }
      }
    }
  }
}
