package dev.parley.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.parley.broker.embedded.EmbeddedBroker;
import dev.parley.broker.embedded.EmbeddedConfiguration;
import dev.parley.broker.redis.RedisConfiguration;
import dev.parley.broker.redis.RedisHealth;
import dev.parley.budget.Budgets;
import dev.parley.readiness.ReadinessConfiguration;
import dev.parley.support.RedisProcess;
import dev.parley.support.TcpProxy;
import java.time.Duration;
import java.util.Objects;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.availability.AvailabilityChangeEvent;
import org.springframework.boot.availability.ReadinessState;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.health.application.ReadinessStateHealthIndicator;
import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.data.redis.connection.RedisConnectionFactory;

@Tag("redis")
@Timeout(60)
class BrokerConfigurationTests {

  @Configuration(proxyBeanMethods = false)
  @EnableAutoConfiguration
  @EnableConfigurationProperties(PresenceProperties.class)
  @Import({
    BrokerConfiguration.class,
    ReadinessConfiguration.class,
    EmbeddedConfiguration.class,
    RedisConfiguration.class
  })
  static class Service {}

  private static final Duration LONG = Duration.ofSeconds(10);

  private final ApplicationContextRunner service =
      new ApplicationContextRunner()
          .withUserConfiguration(Service.class)
          .withBean(Budgets.class, () -> Budgets.ofEach(1_000_000));

  @Test
  void embeddedIsTheDefaultAndKnowsNoRedis() {
    service.run(context -> {
      assertThat(context.getBean(Broker.class)).isInstanceOf(EmbeddedBroker.class);
      assertThat(context).doesNotHaveBean(RedisConnectionFactory.class);
      assertThat(context).doesNotHaveBean("redisHealthContributor");
    });
  }

  @Test
  void anyOtherBrokerFailsTheStartWithASentence() {
    service
        .withPropertyValues("parley.broker=rediss")
        .run(context ->
            assertThat(context.getStartupFailure())
                .isInstanceOf(InvalidConfigurationPropertyValueException.class)
                .hasMessageContaining("'embedded' or 'redis'"));
  }

  @Test
  void readinessWaitsForRedisAndSurvivesItsOutage() {
    try (RedisProcess redis = RedisProcess.launch();
        TcpProxy proxy = new TcpProxy(redis.host(), redis.port())) {
      proxy.refuse();
      service
          .withPropertyValues(
              "parley.broker=redis",
              "spring.data.redis.host=" + proxy.host(),
              "spring.data.redis.port=" + proxy.port())
          .run(context -> {
            AvailabilityChangeEvent.publish(context, ReadinessState.ACCEPTING_TRAFFIC);
            ReadinessStateHealthIndicator readiness =
                context.getBean(ReadinessStateHealthIndicator.class);
            RedisHealth health = context.getBean(RedisHealth.class);
            assertThat(status(readiness)).isEqualTo(Status.OUT_OF_SERVICE);
            assertThat(status(health)).isEqualTo(Status.DOWN);

            proxy.heal();
            await().atMost(LONG).until(() -> status(readiness).equals(Status.UP));
            await().atMost(LONG).until(() -> status(health).equals(Status.UP));

            proxy.refuse();
            proxy.cut();
            await().atMost(LONG).until(() -> status(health).equals(Status.DOWN));
            assertThat(status(readiness)).isEqualTo(Status.UP);
          });
    }
  }

  @Test
  void redisThatMayEvictIsNotReadyAndHealthNamesTheSetting() {
    try (RedisProcess redis = RedisProcess.launch("maxmemory-policy allkeys-lru")) {
      service
          .withPropertyValues(
              "parley.broker=redis",
              "spring.data.redis.host=" + redis.host(),
              "spring.data.redis.port=" + redis.port())
          .run(context -> {
            AvailabilityChangeEvent.publish(context, ReadinessState.ACCEPTING_TRAFFIC);
            await().atMost(LONG).until(context.getBean(Broker.class)::isAvailable);
            assertThat(status(context.getBean(ReadinessStateHealthIndicator.class)))
                .isEqualTo(Status.OUT_OF_SERVICE);
            Health health = Objects.requireNonNull(context.getBean(RedisHealth.class).health());
            assertThat(health.getStatus()).isEqualTo(Status.DOWN);
            assertThat(health.getDetails())
                .containsEntry("maxmemory-policy", "allkeys-lru")
                .hasEntrySatisfying(
                    "error",
                    error ->
                        assertThat(error)
                            .asString()
                            .contains("is not noeviction (allkeys-lru)")
                            .contains("CONFIG SET maxmemory-policy noeviction"));
          });
    }
  }

  private static Status status(AbstractHealthIndicator indicator) {
    return Objects.requireNonNull(indicator.health()).getStatus();
  }
}
