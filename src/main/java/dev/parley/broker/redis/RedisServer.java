package dev.parley.broker.redis;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.ClientOptions.DisconnectedBehavior;
import io.lettuce.core.MaintNotificationsConfig;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.TimeoutOptions;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.codec.RedisCodec;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import io.lettuce.core.resource.ClientResources;
import java.time.Duration;
import java.util.concurrent.CompletionStage;

/**
 * Redis as it is configured, and the only place that knows where it is. Its connections do not
 * reconnect by themselves: Lettuce would send again what it has no answer to, and a message without
 * an id must not be sent twice. {@link Link} opens new ones instead.
 */
public final class RedisServer implements AutoCloseable {
  static final RedisCodec<String, byte[]> CODEC =
      RedisCodec.of(StringCodec.ASCII, ByteArrayCodec.INSTANCE);
  private static final Duration LONGEST_CONNECT = Duration.ofSeconds(5);

  private final RedisClient client;
  private final RedisURI uri;

  /**
   * @param resources to share, not shut down by {@link #close}
   * @param base TLS and socket settings; how it treats lost connections is replaced
   */
  public RedisServer(ClientResources resources, RedisURI uri, ClientOptions base) {
    this.uri = uri;
    if (uri.getTimeout().compareTo(LONGEST_CONNECT) > 0) {
      uri.setTimeout(LONGEST_CONNECT);
    }
    Duration connect = base.getSocketOptions().getConnectTimeout();
    SocketOptions socket =
        base.getSocketOptions()
            .mutate()
            .connectTimeout(connect.compareTo(LONGEST_CONNECT) > 0 ? LONGEST_CONNECT : connect)
            .build();
    client = RedisClient.create(resources);
    client.setOptions(
        base.mutate()
            .autoReconnect(false)
            .disconnectedBehavior(DisconnectedBehavior.REJECT_COMMANDS)
            // The broker has its own deadlines: a command that timed out may still be executed.
            .timeoutOptions(TimeoutOptions.create())
            .maintNotificationsConfig(MaintNotificationsConfig.disabled())
            .socketOptions(socket)
            .build());
  }

  /** Where it is, for people. */
  String address() {
    return uri.getHost() + ":" + uri.getPort();
  }

  CompletionStage<StatefulRedisConnection<String, byte[]>> connect() {
    return client.connectAsync(CODEC, uri);
  }

  CompletionStage<StatefulRedisPubSubConnection<String, byte[]>> connectPubSub() {
    return client.connectPubSubAsync(CODEC, uri);
  }

  @Override
  public void close() {
    client.shutdown(Duration.ZERO, Duration.ofSeconds(1));
  }
}
