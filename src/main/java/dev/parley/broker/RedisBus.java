package dev.parley.broker;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.lettuce.core.pubsub.RedisPubSubAdapter;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import org.jspecify.annotations.Nullable;

/**
 * The one connection on which an instance hears its rooms and the other instances. Lettuce's thread
 * decodes a payload and hands it to the room's home, no more. After every reconnect all is
 * subscribed again, and each subscription is told when Redis has confirmed its own. The monitor
 * guards what is not volatile or concurrent.
 */
final class RedisBus implements RedisLink.Owner<StatefulRedisPubSubConnection<String, byte[]>> {
  private static final int CHANNELS_A_COMMAND = 1_000;

  private final String pulseChannel;
  private final Pulse pulse;
  private final ControlListener control;
  private final RedisLink<StatefulRedisPubSubConnection<String, byte[]>> link;
  private final ConcurrentHashMap<String, RedisSubscription> wanted = new ConcurrentHashMap<>();
  private volatile @Nullable StatefulRedisPubSubConnection<String, byte[]> connection;

  /** How many SUBSCRIBEs of a channel are not confirmed: only the last confirmation counts. */
  private final Map<String, Integer> unconfirmed = new HashMap<>();

  RedisBus(
      RedisServer server,
      ScheduledExecutorService scheduler,
      String pulseChannel,
      Pulse pulse,
      ControlListener control) {
    this.pulse = pulse;
    this.control = control;
    this.pulseChannel = pulseChannel;
    this.link = new RedisLink<>("subscriptions", server::connectPubSub, scheduler, this);
  }

  void open() {
    link.open();
  }

  CompletionStage<?> close() {
    return link.close();
  }

  boolean isUp() {
    return connection != null;
  }

  synchronized void add(RedisSubscription subscription) {
    if (wanted.putIfAbsent(subscription.channel(), subscription) != null) {
      throw new IllegalStateException("already subscribed to " + subscription.channel());
    }
    subscribe(List.of(subscription.channel()));
  }

  synchronized void remove(RedisSubscription subscription) {
    StatefulRedisPubSubConnection<String, byte[]> current = connection;
    if (wanted.remove(subscription.channel(), subscription) && current != null) {
      var _ = current.async().unsubscribe(subscription.channel());
    }
  }

  Collection<RedisSubscription> subscriptions() {
    return wanted.values();
  }

  private void subscribe(List<String> channels) {
    StatefulRedisPubSubConnection<String, byte[]> current = connection;
    if (current == null) {
      return;
    }
    for (int i = 0; i < channels.size(); i += CHANNELS_A_COMMAND) {
      List<String> some = channels.subList(i, Math.min(i + CHANNELS_A_COMMAND, channels.size()));
      some.forEach(channel -> unconfirmed.merge(channel, 1, Integer::sum));
      var _ = current.async().subscribe(some.toArray(String[]::new));
    }
  }

  /** Nothing has to be first: subscribing is what {@link #up} does. */
  @Override
  public CompletionStage<?> prepare(StatefulRedisPubSubConnection<String, byte[]> opened) {
    return CompletableFuture.completedFuture(opened);
  }

  @Override
  public synchronized void up(StatefulRedisPubSubConnection<String, byte[]> opened) {
    unconfirmed.clear();
    opened.addListener(new Listener(opened));
    connection = opened;
    pulse.restart();
    List<String> channels = new ArrayList<>(wanted.keySet());
    channels.addAll(0, List.of(pulseChannel, RedisKeys.CONTROL));
    subscribe(channels);
  }

  @Override
  public synchronized void down() {
    connection = null;
  }

  /** Each second: drops a connection that looks alive and delivers nothing. */
  void checkSilence(long now) {
    if (pulse.isSilent(now)) {
      link.reset(connection, "nothing was heard on it for 3 s");
    }
  }

  private synchronized void confirmed(String channel) {
    int left = unconfirmed.merge(channel, -1, Integer::sum);
    if (left > 0) {
      return;
    }
    unconfirmed.remove(channel);
    RedisSubscription subscription = wanted.get(channel);
    if (subscription != null) {
      subscription.confirmed();
    }
  }

  /** Hears one connection; what it still says when it is no longer in use is ignored. */
  private final class Listener extends RedisPubSubAdapter<String, byte[]> {
    private final StatefulRedisPubSubConnection<String, byte[]> heard;

    Listener(StatefulRedisPubSubConnection<String, byte[]> heard) {
      this.heard = heard;
    }

    @Override
    public void message(String channel, byte[] bytes) {
      if (!heard.equals(connection)) {
        return;
      }
      RedisSubscription subscription = wanted.get(channel);
      if (subscription != null) {
        Payload payload = Payload.decode(bytes);
        if (payload != null) {
          subscription.received(payload);
        }
      } else if (channel.equals(pulseChannel)) {
        pulse.heard(Long.parseLong(new String(bytes, US_ASCII)));
      } else if (channel.equals(RedisKeys.CONTROL)) {
        control.received(bytes);
      }
    }

    @Override
    public void subscribed(String channel, long count) {
      if (heard.equals(connection)) {
        confirmed(channel);
      }
    }
  }
}
