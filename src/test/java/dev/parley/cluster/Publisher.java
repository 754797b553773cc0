package dev.parley.cluster;

import dev.parley.support.Entrance;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Publishes {@code <user>-0}, {@code <user>-1} … as fast as it may, each with itself as its id, and
 * each again until it is acknowledged. A thread of its own sends.
 */
public final class Publisher implements AutoCloseable {

  /**
   * @param count how many messages it publishes
   * @param window how many it sends before it waits for answers
   * @param padding bytes by which each message is longer than its name
   * @param pauseNanos between two messages
   */
  public record Load(int count, int window, int padding, long pauseNanos) {
    Load(int count, int window, int padding) {
      this(count, window, padding, 0);
    }

    static Load of(int count) {
      return new Load(count, 256, 0);
    }

    /** So many a second, until it is closed. */
    public static Load steady(int perSecond) {
      return new Load(Integer.MAX_VALUE, 256, 0, 1_000_000_000L / perSecond);
    }
  }

  private final Ledger ledger;
  private final Entrance door;
  private final String room;
  private final String user;
  private final Load load;
  private final String padding;
  private final Thread sender;
  private final List<String> refusals = new CopyOnWriteArrayList<>();
  private volatile @Nullable WireClient client;
  private volatile boolean stopped;

  // Guarded by the monitor.
  private final BitSet acknowledged = new BitSet();
  private final Set<Integer> unanswered = new LinkedHashSet<>();
  private final ArrayDeque<Integer> again = new ArrayDeque<>();
  private int next;
  private int end;
  private long offset;

  private Publisher(Ledger ledger, Entrance door, String room, String user, Load load) {
    this.ledger = ledger;
    this.door = door;
    this.room = room;
    this.user = user;
    this.load = load;
    this.end = load.count();
    this.padding = load.padding() == 0 ? "" : " " + "x".repeat(load.padding() - 1);
    sender = Thread.ofVirtual().unstarted(this::publish);
  }

  public static Publisher start(Ledger ledger, Entrance door, String room, String user, Load load) {
    Publisher publisher = new Publisher(ledger, door, room, user, load);
    publisher.sender.start();
    return publisher;
  }

  /** The name of a message, without what makes it longer. */
  static String nameIn(String content) {
    int end = content.indexOf(' ');
    return end < 0 ? content : content.substring(0, end);
  }

  private void publish() {
    try {
      while (!stopped) {
        WireClient current = client;
        if (current == null || !current.isOpen()) {
          current = reconnect();
        }
        int number = take(current);
        if (number >= 0) {
          send(current, number);
          LockSupport.parkNanos(load.pauseNanos());
        } else if (isDone()) {
          return;
        }
      }
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      refusals.add(e.toString());
    }
  }

  private WireClient reconnect() throws IOException {
    synchronized (this) {
      again.addAll(unanswered);
      unanswered.clear();
    }
    WireClient opened = WireClient.connect(door, user, this::frame, this::wake);
    client = opened;
    return opened;
  }

  private synchronized void wake(WireClient over) {
    notifyAll();
  }

  /** The next message that may be sent on this connection, -1 where it is over or all is done. */
  private synchronized int take(WireClient on) throws InterruptedException {
    while (on.isOpen() && !isDone()) {
      if (unanswered.size() < load.window() && (!again.isEmpty() || next < end)) {
        int number = again.isEmpty() ? next++ : again.remove();
        unanswered.add(number);
        return number;
      }
      wait();
    }
    return -1;
  }

  private void send(WireClient on, int number) {
    String name = user + "-" + number;
    ledger.sent(name);
    try {
      on.send(
          "{\"type\":\"message\",\"room\":\"%s\",\"id\":\"%s\",\"content\":\"%s\"}"
              .formatted(room, name, name + padding));
    } catch (IOException broken) {
      on.drop();
    }
  }

  private synchronized void frame(WireClient from, JsonNode frame) {
    String id = frame.path("id").asString("");
    if (!from.equals(client) || !id.startsWith(user + "-")) {
      return;
    }
    int number = Integer.parseInt(id.substring(user.length() + 1));
    unanswered.remove(number);
    if (frame.path("type").asString().equals("ack")) {
      ledger.note(room, frame.path("epoch").asString(), frame.path("offset").asLong(), id);
      acknowledged.set(number);
      if (!frame.path("duplicate").asBoolean()) {
        offset = frame.path("offset").asLong();
      }
    } else {
      refusals.add(frame.path("code").asString());
      again.add(number);
    }
    notifyAll();
  }

  /** Breaks its connection; it opens another one. */
  void cut() {
    WireClient current = client;
    if (current != null) {
      current.drop();
    }
  }

  public synchronized boolean isDone() {
    return acknowledged.cardinality() == end;
  }

  public synchronized int acknowledged() {
    return acknowledged.cardinality();
  }

  /** Sends nothing new; what is unanswered goes on being sent until it is acknowledged. */
  public synchronized void finish() {
    end = next;
    notifyAll();
  }

  /** Of the message that was acknowledged last. */
  public synchronized long offset() {
    return offset;
  }

  /** The codes of the errors it was answered. */
  public List<String> refusals() {
    return refusals;
  }

  /** All that it publishes, in its order. */
  public synchronized List<String> messages() {
    return IntStream.range(0, end).mapToObj(number -> user + "-" + number).toList();
  }

  @Override
  public void close() {
    stopped = true;
    cut();
    sender.interrupt();
  }

  @Override
  public String toString() {
    return user;
  }
}
