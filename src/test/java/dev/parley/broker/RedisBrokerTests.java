package dev.parley.broker;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.DefaultClientResources;
import org.junit.jupiter.api.AfterAll;

class RedisBrokerTests extends BrokerContract {
  private static final ClientResources resources = DefaultClientResources.create();

  @AfterAll
  static void close() {
    resources.shutdown().awaitUninterruptibly(5_000);
  }

  @Override
  Broker broker(HistoryProperties history) {
    return new RedisBroker(
        new RedisServer(resources, RedisForTests.uri(), ClientOptions.create()), history);
  }
}
