package dev.parley.broker;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.parley.protocol.Epoch;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What is known of the Redis that is written to: its generation, which changes at a restart and a
 * failover, and whether it keeps what it is given. Safe for use by any thread.
 */
final class Primary {
  private static final Pattern REPLICATION_ID = Pattern.compile("master_replid:(\\w+)");
  private static final Pattern POLICY = Pattern.compile("maxmemory_policy:([\\w-]+)");
  static final String NO_EVICTION = "noeviction";

  private final byte[] size;
  private final byte[] retention;
  private final byte[] idle;
  private final Runnable changed;

  /** Empty until it is read: the scripts then answer with the one that holds. */
  private volatile String generation = "";

  private volatile String policy = "unknown";

  /**
   * @param changed run, by whoever notices, after the generation has become another one
   */
  Primary(HistoryProperties history, Runnable changed) {
    this.changed = changed;
    size = ascii(history.size());
    retention = ascii(history.retention().toMillis());
    idle = ascii(history.idle().toMillis());
  }

  static byte[] ascii(long number) {
    return Long.toString(number).getBytes(US_ASCII);
  }

  /** The arguments with which every script of a room's log begins. */
  byte[][] settle() {
    return new byte[][] {
      generation.getBytes(US_ASCII), Epoch.random().toBytes(), size, retention, idle
    };
  }

  byte[] idle() {
    return idle;
  }

  void generation(String read) {
    String before = generation;
    generation = read;
    if (!before.isEmpty() && !before.equals(read)) {
      changed.run();
    }
  }

  /** Takes {@code INFO replication}. */
  void readReplication(String info) {
    Matcher found = REPLICATION_ID.matcher(info);
    if (found.find()) {
      generation(found.group(1));
    }
  }

  /** Takes {@code INFO memory}. */
  void readMemory(String info) {
    Matcher found = POLICY.matcher(info);
    policy = found.find() ? found.group(1) : "unknown";
  }

  /** {@code maxmemory-policy}, {@code unknown} until it is read. */
  String policy() {
    return policy;
  }
}
