package dev.parley.broker.redis;

import dev.parley.broker.BrokerConfiguration;
import dev.parley.broker.PresenceProperties;
import dev.parley.budget.Budgets;
import dev.parley.readiness.Precondition;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisURI;
import io.lettuce.core.resource.ClientResources;
import io.micrometer.core.instrument.MeterRegistry;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.data.redis.autoconfigure.ClientResourcesBuilderCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.data.redis.connection.RedisStandaloneConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceClientConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

/**
 * The broker on Redis, where {@code spring.data.redis.*} says it is: host or url, port, database,
 * user, password, TLS, timeouts, client name.
 */
@Configuration(proxyBeanMethods = false)
@ConditionalOnProperty(name = BrokerConfiguration.PROPERTY, havingValue = BrokerConfiguration.REDIS)
public class RedisConfiguration {

  @Bean
  RedisBroker broker(
      LettuceConnectionFactory factory,
      ClientResources resources,
      PresenceProperties presence,
      Budgets budgets,
      MeterRegistry registry) {
    return new RedisBroker(server(factory, resources), presence, budgets, registry);
  }

  @Bean
  EventLoops redisEventLoops() {
    return new EventLoops();
  }

  @Bean
  ClientResourcesBuilderCustomizer redisEventLoopsCustomizer(EventLoops loops) {
    return resources -> resources.eventLoopGroupProvider(loops);
  }

  @Bean
  RedisHealth brokerHealthIndicator(RedisBroker broker) {
    return new RedisHealth(broker);
  }

  @Bean
  Precondition redisPrecondition(RedisBroker broker) {
    return broker::unmet;
  }

  private static RedisServer server(LettuceConnectionFactory factory, ClientResources resources) {
    if (factory.isClusterAware() || factory.isRedisSentinelAware()) {
      throw new InvalidConfigurationPropertyValueException(
          "parley.broker",
          "redis",
          "It needs a single Redis (spring.data.redis.host or .url): Sentinel and Cluster are not"
              + " supported yet.");
    }
    LettuceClientConfiguration client = factory.getClientConfiguration();
    return new RedisServer(
        resources,
        uri(factory.getStandaloneConfiguration(), client),
        client.getClientOptions().orElseGet(ClientOptions::create));
  }

  private static RedisURI uri(
      RedisStandaloneConfiguration server, LettuceClientConfiguration client) {
    RedisURI.Builder uri =
        RedisURI.builder()
            .withHost(server.getHostName())
            .withPort(server.getPort())
            .withDatabase(server.getDatabase())
            .withSsl(client.isUseSsl())
            .withStartTls(client.isStartTls())
            .withVerifyPeer(client.getVerifyMode())
            .withTimeout(client.getCommandTimeout());
    client.getClientName().ifPresent(uri::withClientName);
    String user = server.getUsername();
    client
        .getRedisCredentialsProviderFactory()
        .ifPresentOrElse(
            credentials -> uri.withAuthentication(credentials.createCredentialsProvider(server)),
            () ->
                server
                    .getPassword()
                    .toOptional()
                    .ifPresent(password -> {
                      if (user == null) {
                        uri.withPassword(password);
                      } else {
                        uri.withAuthentication(user, password);
                      }
                    }));
    return uri.build();
  }
}
