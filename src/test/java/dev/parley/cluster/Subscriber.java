package dev.parley.cluster;

import dev.parley.support.Entrance;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A member of one room that checks every frame against what was promised and resumes with its last
 * position. What breaks a promise without a word of the server is a {@link #violations violation};
 * what it was told is {@link #losses counted}.
 */
public final class Subscriber implements AutoCloseable {
  private final Ledger ledger;
  private final String room;
  private final String user;
  private final List<String> messages = Collections.synchronizedList(new ArrayList<>());
  private final List<String> violations = Collections.synchronizedList(new ArrayList<>());
  private final List<String> losses = Collections.synchronizedList(new ArrayList<>());
  private volatile @Nullable WireClient client;

  // Written by the reading thread of the one connection that is open.
  private volatile @Nullable String epoch;
  private volatile long last;
  private volatile boolean joined;
  private volatile long head;
  private final AtomicInteger resumed = new AtomicInteger();

  public Subscriber(Ledger ledger, String room, String user) {
    this.ledger = ledger;
    this.room = room;
    this.user = user;
  }

  /** As if it had been there before the first message, by another's epoch. */
  Subscriber fromTheBeginning(Subscriber other) {
    epoch = other.epoch;
    last = 0;
    return this;
  }

  /** Connects and joins, where it was before if it was; does not wait for the answer. */
  public Subscriber connect(Entrance door) {
    joined = false;
    try {
      WireClient opened = WireClient.connect(door, user, this::frame);
      client = opened;
      join(opened);
    } catch (IOException e) {
      throw new UncheckedIOException(door + " refused " + user, e);
    }
    return this;
  }

  private void join(WireClient on) throws IOException {
    String from =
        epoch == null ? "" : ",\"since\":{\"epoch\":\"%s\",\"offset\":%d}".formatted(epoch, last);
    on.send("{\"type\":\"join\",\"ref\":\"j\",\"room\":\"%s\"%s}".formatted(room, from));
  }

  public Subscriber awaitJoined() {
    Awaitility.await(user + " has joined")
        .atMost(Duration.ofSeconds(30))
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(5))
        .until(() -> joined);
    return this;
  }

  public boolean isConnected() {
    WireClient current = client;
    return current != null && current.isOpen();
  }

  /** Loses its connection. */
  public void drop() {
    WireClient dropped = client;
    if (dropped != null) {
      if (!dropped.isOpen()) {
        violations.add("closed with " + dropped.closeCode());
      }
      dropped.drop();
    }
  }

  private void frame(WireClient from, JsonNode frame) {
    switch (frame.path("type").asString()) {
      case "joined" -> joined(frame);
      case "message" -> message(frame);
      case "gap" -> gap(frame);
      case "epoch" -> epoch(frame);
      case "error" -> error(from, frame);
      default -> {
        // Who comes and goes is other tests' subject.
      }
    }
  }

  private void joined(JsonNode frame) {
    long offset = frame.path("offset").asLong();
    long replay = frame.path("replay").asLong();
    if (epoch == null) {
      last = offset;
    } else if (frame.path("recovered").asBoolean()) {
      resumed.incrementAndGet();
      if (last + replay != offset) {
        violations.add("at " + last + ": " + frame);
      }
    } else {
      losses.add("at " + epoch + " " + last + ": " + frame);
      last = offset;
    }
    epoch = frame.path("epoch").asString();
    head = offset;
    joined = true;
  }

  private void message(JsonNode frame) {
    long offset = frame.path("offset").asLong();
    String message = Publisher.nameIn(frame.path("content").asString());
    if (offset != last + 1 || !joined) {
      violations.add("message " + offset + " after " + last);
    }
    last = offset;
    ledger.note(room, String.valueOf(epoch), offset, message);
    ledger.heard(message);
    messages.add(message);
  }

  private void gap(JsonNode frame) {
    if (frame.path("from").asLong() != last + 1) {
      violations.add("at " + last + ": " + frame);
    }
    losses.add("at " + epoch + " " + last + ": " + frame);
    last = frame.path("to").asLong();
  }

  private void epoch(JsonNode frame) {
    long offset = frame.path("offset").asLong();
    if (!frame.path("recovered").asBoolean()) {
      losses.add("at " + epoch + " " + last + ": " + frame);
    } else if (offset != last) {
      violations.add("at " + last + ": " + frame);
    }
    epoch = frame.path("epoch").asString();
    last = offset;
  }

  /** A room that was not open on this instance cannot be opened while Redis is away. */
  private void error(WireClient from, JsonNode frame) {
    if (!frame.path("code").asString().equals("broker_unavailable")) {
      violations.add(frame.toString());
      return;
    }
    try {
      join(from);
    } catch (IOException e) {
      violations.add(e.toString());
    }
  }

  /** The offset of the last message when it joined. */
  long head() {
    return head;
  }

  /** The offset of the last message it knows of. */
  public long last() {
    return last;
  }

  /** How often it came back and had missed nothing. */
  public int resumed() {
    return resumed.get();
  }

  /** What it was sent, in order. */
  public List<String> messages() {
    synchronized (messages) {
      return List.copyOf(messages);
    }
  }

  public int count() {
    return messages.size();
  }

  public List<String> violations() {
    return violations;
  }

  /** What it was told that it will not get, or had got in vain. */
  public List<String> losses() {
    return losses;
  }

  @Override
  public void close() {
    drop();
  }

  @Override
  public String toString() {
    return user;
  }
}
