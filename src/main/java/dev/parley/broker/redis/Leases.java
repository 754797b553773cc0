package dev.parley.broker.redis;

import dev.parley.broker.redis.InstanceLease.Beat;
import dev.parley.broker.redis.InstanceRecords.Peers;
import dev.parley.broker.redis.LeaseWatcher.Silent;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps this instance's {@link InstanceLease} and watches those of the others, twice a second.
 * Belongs to one thread, except for {@link #current}.
 */
final class Leases {
  private static final Logger log = LoggerFactory.getLogger(Leases.class);

  private final InstanceRecords records;
  private final Executor owner;
  private final LongSupplier clock;
  private final Supplier<CompletionStage<?>> enterAgain;
  private final RedisMetrics metrics;
  private final InstanceLease lease;
  private final LeaseWatcher watcher = new LeaseWatcher();
  private final Reaper reaper;
  private boolean beating;
  private boolean watching;
  private boolean ended;

  /**
   * @param first the name of the first incarnation
   * @param owner the thread that this belongs to
   * @param clock monotonic, in nanoseconds
   * @param graceNanos how long users may be away before the room is told
   * @param enterAgain has all rooms enter their users under the current incarnation; done when all
   *     of them have
   */
  Leases(
      Incarnation first,
      InstanceRecords records,
      Executor owner,
      LongSupplier clock,
      long graceNanos,
      Supplier<CompletionStage<?>> enterAgain,
      RedisMetrics metrics) {
    this.records = records;
    this.owner = owner;
    this.clock = clock;
    this.enterAgain = enterAgain;
    this.metrics = metrics;
    this.lease = new InstanceLease(first);
    this.reaper = new Reaper(records, owner, graceNanos, this::buried);
  }

  /** The incarnation to enter rooms under; null if the lease is not held. Any thread. */
  @Nullable Incarnation current() {
    return lease.current(clock.getAsLong());
  }

  /** Goes on; called every {@link LeaseWatcher#POLL_NANOS}. */
  void tick() {
    if (ended) {
      return;
    }
    if (lease.isExpired(clock.getAsLong())) {
      lost("no beat was confirmed for 8 s", lease.lose());
    }
    beat();
    watch();
  }

  /**
   * Redis is reached, again or for the first time.
   *
   * @param moved it is another one than before, which may have lost who left
   */
  void connected(boolean moved) {
    if (moved) {
      lost("Redis was restarted or failed over", lease.lose());
    }
    tick();
  }

  /**
   * The instance ends: it is in no room any more, or others have to sweep those that are left.
   *
   * @param everybodyLeft whether it has told Redis of everybody's leaving
   */
  CompletionStage<?> end(boolean everybodyLeft) {
    ended = true;
    Incarnation last = current();
    if (last == null) {
      return CompletableFuture.completedFuture(null);
    }
    return everybodyLeft ? records.leave(last) : records.retire(last);
  }

  private void beat() {
    Beat beat = beating ? null : lease.due(clock.getAsLong());
    if (beat == null) {
      return;
    }
    beating = true;
    var _ =
        records
            .beat(beat.incarnation(), beat.first())
            .whenCompleteAsync(
                (known, failure) -> {
                  beating = false;
                  if (failure == null) {
                    answered(beat, known);
                  } else {
                    lease.failed(beat);
                  }
                },
                owner);
  }

  private void answered(Beat beat, boolean known) {
    if (!known) {
      lost(
          "Redis does not have it any more, or other instances took this one for dead",
          lease.denied(beat));
      beat();
    } else if (lease.confirmed(beat, clock.getAsLong())) {
      watcher.restart();
      List<Incarnation> former = lease.takeFormer();
      var _ = enterAgain.get().thenRunAsync(() -> former.forEach(records::retire), owner);
    }
  }

  private void lost(String reason, boolean lost) {
    if (lost) {
      metrics.leaseLost();
      log.warn(
          "This instance has lost its lease on presence: {}. It enters its users again.", reason);
    }
  }

  private void buried(Incarnation dead) {
    metrics.instanceReaped();
    log.warn(
        "Instance {} does not beat any more. Its users leave their rooms unless they come back"
            + " within the grace time.",
        dead);
  }

  private void watch() {
    if (current() == null) {
      // Whatever keeps this one from beating may keep the others from it.
      watcher.restart();
      return;
    }
    if (watching) {
      return;
    }
    watching = true;
    long askedAt = clock.getAsLong();
    var _ =
        records
            .peers()
            .whenCompleteAsync(
                (peers, failure) -> {
                  watching = false;
                  if (failure == null) {
                    read(peers, askedAt);
                  }
                },
                owner);
  }

  private void read(Peers peers, long askedAt) {
    Incarnation own = current();
    if (own == null || ended) {
      return;
    }
    long now = clock.getAsLong();
    Map<Incarnation, Long> others = new HashMap<>(peers.beats());
    others.remove(own);
    List<Silent> silent = watcher.observe(others, askedAt, now);
    reaper.turn(own, peers, silent, now);
  }
}
