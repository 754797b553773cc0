package dev.parley.broker.redis;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.parley.protocol.Epoch;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What is known of the Redis that is written to: whether the connections to it lead to one primary,
 * and whether it keeps what it is given. Safe for use by any thread.
 *
 * <p>The generation is not known here but on each {@link PrimaryConnection}. During a failover some
 * connections lead to the old primary and some to the new one. The one that was opened last tells
 * where the address leads now, and those that lead elsewhere are dropped; opened again they follow
 * the address as well.
 */
final class PrimaryState {
  private static final Pattern POLICY = Pattern.compile("maxmemory_policy:([\\w-]+)");
  private static final String NO_EVICTION = "noeviction";

  private final Runnable changed;

  // Guarded by the monitor.
  private final List<PrimaryConnection> connections = new ArrayList<>();
  private long openings;
  private long newest;
  private String generation = "";

  private volatile String policy = "unknown";

  /**
   * @param changed run, by whoever notices, when there is another generation than before
   */
  PrimaryState(Runnable changed) {
    this.changed = changed;
  }

  static byte[] ascii(long number) {
    return Long.toString(number).getBytes(US_ASCII);
  }

  /**
   * The arguments with which every script of a room's log begins; those of {@link
   * RoomKeys#settling} follow.
   */
  static byte[][] settle(byte[] ofTheConnection) {
    return new byte[][] {ofTheConnection, Epoch.random().toBytes()};
  }

  /** A number for a connection that is being opened: later ones are higher. */
  synchronized long opening() {
    return ++openings;
  }

  /** A connection has read its generation. */
  void opened(PrimaryConnection opened) {
    List<PrimaryConnection> behind;
    boolean another;
    synchronized (this) {
      connections.removeIf(each -> !each.isOpen());
      connections.add(opened);
      another = false;
      if (opened.order() > newest) {
        newest = opened.order();
        another = !generation.isEmpty() && !generation.equals(opened.generation());
        generation = opened.generation();
      }
      String current = generation;
      behind = connections.stream().filter(each -> !each.generation().equals(current)).toList();
    }
    behind.forEach(each -> each.drop("a newer connection leads to another primary"));
    if (another) {
      changed.run();
    }
  }

  /** Takes {@code INFO memory}. */
  void readMemory(String info) {
    Matcher found = POLICY.matcher(info);
    policy = found.find() ? found.group(1) : "unknown";
  }

  /** Whether Redis keeps what it is given, rather than evict it under pressure. */
  boolean isKeeping() {
    return policy.equals(NO_EVICTION);
  }

  /** {@code maxmemory-policy}, {@code unknown} until it is read. */
  String policy() {
    return policy;
  }
}
