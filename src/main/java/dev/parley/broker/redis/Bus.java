package dev.parley.broker.redis;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.parley.broker.ControlListener;
import dev.parley.broker.Mailbox;
import io.lettuce.core.pubsub.RedisPubSubAdapter;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import org.jspecify.annotations.Nullable;

/**
 * The one connection on which an instance receives what its rooms and the other instances publish.
 * Lettuce's thread decodes a payload and hands it to the room's home, and does nothing else. After
 * every reconnect everything is subscribed again, and each subscription is told when Redis has
 * confirmed its own. Rooms that are opened or closed at about the same time share a command. The
 * monitor guards everything that is neither volatile nor concurrent.
 */
final class Bus implements Link.Owner<StatefulRedisPubSubConnection<String, byte[]>> {
  private static final int CHANNELS_A_COMMAND = 1_000;

  private record Change(String channel, boolean wanted) {}

  private final String pulseChannel;
  private final PubSubHeartbeat heartbeat;
  private final ControlListener control;
  private final Link<StatefulRedisPubSubConnection<String, byte[]>> link;
  private final ConcurrentHashMap<String, Subscription> wanted = new ConcurrentHashMap<>();
  private volatile @Nullable StatefulRedisPubSubConnection<String, byte[]> connection;

  /** What is to be said on the connection, in order. */
  private final Mailbox<Change> changes;

  /**
   * How many SUBSCRIBEs of a channel are not confirmed, sent or not: only the last confirmation
   * counts.
   */
  private final Map<String, Integer> unconfirmed = new HashMap<>();

  Bus(
      RedisServer server,
      ScheduledExecutorService scheduler,
      String pulseChannel,
      PubSubHeartbeat heartbeat,
      ControlListener control,
      RedisAlarm alarm) {
    this.heartbeat = heartbeat;
    this.control = control;
    this.changes = new Mailbox<>(scheduler, this::sendChanges);
    this.pulseChannel = pulseChannel;
    this.link = new Link<>("subscriptions", server::connectPubSub, scheduler, this, alarm);
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

  synchronized void add(Subscription subscription) {
    if (wanted.putIfAbsent(subscription.channel(), subscription) != null) {
      throw new IllegalStateException("already subscribed to " + subscription.channel());
    }
    if (connection != null) {
      unconfirmed.merge(subscription.channel(), 1, Integer::sum);
      changes.put(new Change(subscription.channel(), true));
    }
  }

  synchronized void remove(Subscription subscription) {
    if (wanted.remove(subscription.channel(), subscription) && connection != null) {
      changes.put(new Change(subscription.channel(), false));
    }
  }

  Collection<Subscription> subscriptions() {
    return wanted.values();
  }

  private synchronized void sendChanges() {
    List<Change> all = changes.take();
    StatefulRedisPubSubConnection<String, byte[]> current = connection;
    if (current == null) {
      return;
    }
    List<String> same = new ArrayList<>();
    for (int i = 0; i < all.size(); i++) {
      Change change = all.get(i);
      same.add(change.channel());
      boolean last = i + 1 == all.size() || all.get(i + 1).wanted() != change.wanted();
      if (last || same.size() == CHANNELS_A_COMMAND) {
        say(current, change.wanted(), same);
        same.clear();
      }
    }
  }

  private static void say(
      StatefulRedisPubSubConnection<String, byte[]> to, boolean wanted, List<String> channels) {
    String[] those = channels.toArray(String[]::new);
    var _ = wanted ? to.async().subscribe(those) : to.async().unsubscribe(those);
  }

  /** The instance's own channels: if those are forbidden, so are those of rooms. */
  @Override
  public CompletionStage<?> prepare(StatefulRedisPubSubConnection<String, byte[]> opened) {
    return opened.async().subscribe(pulseChannel, RoomKeys.CONTROL);
  }

  @Override
  public synchronized void up(StatefulRedisPubSubConnection<String, byte[]> opened) {
    unconfirmed.clear();
    opened.addListener(new Listener(opened));
    connection = opened;
    heartbeat.restart();
    List<String> channels = new ArrayList<>(wanted.keySet());
    channels.forEach(channel -> unconfirmed.put(channel, 1));
    // What was to be said on the connection before is in there.
    changes.take();
    channels.forEach(channel -> changes.put(new Change(channel, true)));
  }

  @Override
  public synchronized void down() {
    connection = null;
  }

  /** Each second: drops a connection that looks alive and delivers nothing. */
  void checkSilence(long now) {
    if (heartbeat.isSilent(now)) {
      link.reset(connection, "nothing was heard on it for 3 s");
    }
  }

  private synchronized void confirmed(String channel) {
    int left = unconfirmed.merge(channel, -1, Integer::sum);
    if (left > 0) {
      return;
    }
    unconfirmed.remove(channel);
    Subscription subscription = wanted.get(channel);
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
      Subscription subscription = wanted.get(channel);
      if (subscription != null) {
        subscription.received(bytes);
      } else if (channel.equals(pulseChannel)) {
        heartbeat.heard(Long.parseLong(new String(bytes, US_ASCII)));
      } else if (channel.equals(RoomKeys.CONTROL)) {
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
