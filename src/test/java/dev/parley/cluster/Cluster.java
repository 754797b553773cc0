package dev.parley.cluster;

import dev.parley.support.ParleyProcess;
import dev.parley.support.RedisProcess;
import dev.parley.support.TcpProxy;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Two instances on one Redis, which the right one reaches through a proxy. */
final class Cluster implements AutoCloseable {
  /** Of the shared one: a user who lost its connection has 3 s to come back. */
  static final String GRACE = "--parley.presence.grace=3s";

  private static @Nullable Cluster shared;

  private final RedisProcess redis;
  private final TcpProxy proxy;
  private final ParleyProcess left;
  private final ParleyProcess right;

  private Cluster(String name, RedisProcess redis, String... settings) {
    this.redis = redis;
    proxy = new TcpProxy(redis.host(), redis.port());
    left = ParleyProcess.launch(name + "-left", redis.host(), redis.port(), settings);
    right = ParleyProcess.launch(name + "-right", proxy.host(), proxy.port(), settings);
    try {
      left.awaitReady();
      right.awaitReady();
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  /**
   * Starts all of it and waits until both instances are ready.
   *
   * @param name of the log files
   */
  static Cluster start(String name, RedisProcess redis, String... settings) {
    return new Cluster(name, redis, settings);
  }

  /** The one of all classes that leave it as it is, in rooms of their own; it ends with the JVM. */
  static synchronized Cluster shared() {
    if (shared == null) {
      shared =
          start(
              "shared",
              RedisProcess.launch(),
              "--parley.history.size=50000",
              "--parley.history.bytes=1GB",
              GRACE);
    }
    return shared;
  }

  RedisProcess redis() {
    return redis;
  }

  TcpProxy proxy() {
    return proxy;
  }

  ParleyProcess left() {
    return left;
  }

  ParleyProcess right() {
    return right;
  }

  ParleyProcess other(ParleyProcess instance) {
    return instance.equals(left) ? right : left;
  }

  /** Two publishers on each instance, all in one room. */
  List<Publisher> publishers(Ledger ledger, String room, Publisher.Load load) {
    List<Publisher> publishers = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      publishers.add(Publisher.start(ledger, i % 2 == 0 ? left : right, room, "p" + i, load));
    }
    return publishers;
  }

  /** Two members of a room on each instance. */
  List<Subscriber> subscribers(Ledger ledger, String room) {
    List<Subscriber> subscribers = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      subscribers.add(
          new Subscriber(ledger, room, "s" + i).connect(i % 2 == 0 ? left : right).awaitJoined());
    }
    return subscribers;
  }

  @Override
  public void close() {
    left.terminate();
    right.terminate();
    left.close();
    right.close();
    proxy.close();
    redis.close();
  }
}
