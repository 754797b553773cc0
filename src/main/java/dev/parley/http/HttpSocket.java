package dev.parley.http;

import dev.parley.security.HttpProperties;
import org.eclipse.jetty.io.Connection;

/**
 * A socket for as long as it speaks HTTP: what the instance waits for from its client, and since
 * when. Guarded by its monitor.
 *
 * <p>Each wait has the same deadline: {@code patience}, and a second more for every {@code
 * min-rate} bytes that came through. So a client is neither cut off for being slow nor can it hold
 * out for ever by a byte now and then.
 */
final class HttpSocket {

  /** What comes next. */
  enum Phase {
    /** The head of a request: the client is waited for. */
    HEAD,
    /** The rest of its body: the client is waited for. */
    BODY,
    /** The answer is being made: the client waits. */
    HANDLING,
    /** The client is to read the answer. */
    ANSWER
  }

  private final Connection connection;
  private final String address;
  private final long patience;
  private final long idleTimeout;
  private final double nanosPerByte;
  private Phase phase = Phase.HEAD;
  private long since;

  /** Bytes that had come in, or bytes of the answer that had gone out, at {@link #since}. */
  private long before;

  private long sent;
  private boolean idle;

  /** How many phases have begun, and how many of them and of the bytes the last look saw. */
  private int steps;

  private int stepsSeen;
  private long bytesSeen;

  HttpSocket(Connection connection, String address, HttpProperties properties, long now) {
    this.connection = connection;
    this.address = address;
    this.patience = properties.patience().toNanos();
    this.idleTimeout = properties.idleTimeout().toNanos();
    this.nanosPerByte = 1e9 / properties.minRate().toBytes();
    this.since = now;
  }

  Connection connection() {
    return connection;
  }

  String address() {
    return address;
  }

  synchronized Phase phase() {
    return phase;
  }

  synchronized long since() {
    return since;
  }

  synchronized void next(Phase next, long now) {
    phase = next;
    steps++;
    since = now;
    before = connection.getBytesIn();
    sent = 0;
    idle = next == Phase.HEAD;
  }

  /** The client has taken that much more of the answer. */
  synchronized void sent(int bytes) {
    sent += bytes;
  }

  /** Whether the client let its time pass; called every now and then. */
  synchronized boolean isOverdue(long now) {
    long moved = phase == Phase.ANSWER ? sent : connection.getBytesIn() - before;
    if (idle && moved > 0) {
      // The next head has begun, at some time since the last look.
      idle = false;
      since = now;
    }
    return switch (phase) {
      case HANDLING -> false;
      case HEAD, BODY, ANSWER ->
          now - since > (idle ? idleTimeout : patience + (long) (moved * nanosPerByte));
    };
  }

  /**
   * Whether a request has begun that is not answered yet, or anything has happened since the last
   * look: the next of several requests in a row may be here already, and shows only when it is
   * parsed.
   */
  synchronized boolean isBusy() {
    long bytes = connection.getBytesIn();
    boolean moved = steps != stepsSeen || bytes != bytesSeen;
    stepsSeen = steps;
    bytesSeen = bytes;
    return moved || phase != Phase.HEAD || bytes > before;
  }

  /** Whether the client has been waited for that long, without a whole head. */
  synchronized boolean isStalled(long now, long nanos) {
    return phase == Phase.HEAD && now - since > nanos;
  }
}
