package dev.parley.broker.redis;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * This instance's right to have users in rooms, under its current {@link Incarnation}. It is held
 * while Redis confirms the beats, and lost if none was confirmed for 8 s, if Redis says that the
 * incarnation is dead or unknown, or if Redis has become another one. A lost lease never comes
 * back: the next one is for a new incarnation. Belongs to one thread, except for {@link #current}.
 */
final class InstanceLease {

  /*
   *   SOUGHT -- a first beat is confirmed -->  HELD     a first beat is sent every half second
   *   SOUGHT -- it is denied -->               SOUGHT   under another name
   *   HELD   -- none confirmed for 8 s, one denied, or lose() -->  SOUGHT, under another name
   *
   * Peers declare the instance dead when its beat has stood still for 8 s (LeaseWatcher). A beat is
   * executed after it was sent, and the 8 s here count from when it was sent. So the instance stops
   * to use the incarnation before a peer can declare it dead; and if a virtual machine was paused
   * and its clock stood still, the next beat is denied.
   *
   * docs/ARCHITECTURE.md, "Leases".
   */

  static final long BEAT_NANOS = TimeUnit.SECONDS.toNanos(2);

  /** So long without a confirmed beat is as good as dead; peers take it for that. */
  static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(8);

  /**
   * A beat to be sent.
   *
   * @param first the incarnation is not known to Redis yet
   */
  record Beat(Incarnation incarnation, boolean first, long sentAt) {}

  private record Held(Incarnation incarnation, long confirmedAt) {}

  private Incarnation name;
  private final List<Incarnation> former = new ArrayList<>();
  private @Nullable Beat last;
  private volatile @Nullable Held held;

  /**
   * @param name of the first incarnation
   */
  InstanceLease(Incarnation name) {
    this.name = name;
  }

  /** The incarnation to enter rooms under; null if there is none at present. Any thread. */
  @Nullable Incarnation current(long now) {
    Held current = held;
    return current != null && now - current.confirmedAt <= PATIENCE_NANOS
        ? current.incarnation
        : null;
  }

  /** Whether the lease was held and has run out; it is lost then. */
  boolean isExpired(long now) {
    return held != null && current(now) == null;
  }

  /** The beat to send now; null if it is not time for one. */
  @Nullable Beat due(long now) {
    Beat before = last;
    if (held != null && before != null && now - before.sentAt < BEAT_NANOS) {
      return null;
    }
    Beat beat = new Beat(name, held == null, now);
    last = beat;
    return beat;
  }

  /** There was no answer: the next one is due at once. */
  void failed(Beat beat) {
    if (beat.equals(last)) {
      last = null;
    }
  }

  /** Redis has executed the beat; answers whether the lease is new. */
  boolean confirmed(Beat beat, long now) {
    // Rooms that found it expired wait for the next lease, so it must not come back.
    if (!beat.incarnation.equals(name) || isExpired(now)) {
      return false;
    }
    boolean taken = held == null;
    held = new Held(name, beat.sentAt);
    return taken;
  }

  /** Redis does not know the incarnation, or as a dead one; answers whether a lease is lost. */
  boolean denied(Beat beat) {
    return beat.incarnation.equals(name) && lose();
  }

  /** Another incarnation is needed; answers whether there was a lease to lose. */
  boolean lose() {
    boolean lost = held != null;
    if (lost) {
      former.add(name);
    }
    held = null;
    name = Incarnation.random();
    return lost;
  }

  /** Those whose leases were lost since the last call; they may still have users in rooms. */
  List<Incarnation> takeFormer() {
    List<Incarnation> taken = List.copyOf(former);
    former.clear();
    return taken;
  }
}
