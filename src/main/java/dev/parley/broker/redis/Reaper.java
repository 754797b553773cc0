package dev.parley.broker.redis;

import dev.parley.broker.redis.InstanceRecords.Peers;
import dev.parley.broker.redis.LeaseWatcher.Silent;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Takes the users of dead incarnations out of their rooms, when the grace time is over. Redis
 * decides who reaps: of several instances that want to, one wins. If a reaper dies in turn, its
 * work is taken over by whoever notices. Belongs to one thread.
 */
final class Reaper {

  /*
   * What becomes of a dead incarnation is kept in Redis, so that it survives its reaper:
   *
   *   beating   -- its beat stands still: bury() -->           claimed by the caller
   *   beating   -- its own instance gives it up: retire() -->  unclaimed
   *   unclaimed, or claimed by one that does not beat -- takeOver() -->  claimed by the caller
   *   claimed   -- after the grace time, in steps: some rooms are swept, then forgotten -->
   *                                                            no rooms left: swept(), and gone
   *
   * A step that fails is repeated in a later turn. A reaper that was paused may go on with the work
   * of another: a dead incarnation has nobody anywhere, so removing its users is right at any time,
   * and the script that removes a user announces it. If a reaper loses its lease, the claims are
   * those of its former incarnation, and are taken over like those of any dead reaper.
   */

  static final int ROOMS_A_STEP = 64;

  private final InstanceRecords records;
  private final Executor owner;
  private final long graceNanos;
  private final Consumer<Incarnation> buried;

  /** When the incarnations that this one has claimed are to be swept. */
  private final Map<Incarnation, Long> due = new HashMap<>();

  private @Nullable Incarnation claimant;

  /** Being swept; one at a time. */
  private @Nullable Incarnation sweeping;

  /**
   * @param owner runs what follows an answer
   * @param graceNanos how long users may be away before the room is told
   * @param buried told whom this instance has declared dead
   */
  Reaper(InstanceRecords records, Executor owner, long graceNanos, Consumer<Incarnation> buried) {
    this.records = records;
    this.owner = owner;
    this.graceNanos = graceNanos;
    this.buried = buried;
  }

  /**
   * Goes on with what is to be done.
   *
   * @param own this instance's incarnation, which holds its lease
   * @param silent those of the peers that are to be declared dead
   */
  void turn(Incarnation own, Peers peers, List<Silent> silent, long now) {
    if (!own.equals(claimant)) {
      claimant = own;
      due.clear();
    }
    due.keySet().retainAll(peers.dead().keySet());
    for (Silent each : silent) {
      Incarnation dead = each.incarnation();
      claim(records.bury(own, dead, each.beat()), () -> buried.accept(dead));
    }
    peers
        .dead()
        .forEach((dead, reaper) -> {
          if (reaper.equals(own.name())) {
            due.putIfAbsent(dead, now + graceNanos);
          } else if (reaper.isEmpty() || !peers.beats().containsKey(new Incarnation(reaper))) {
            claim(records.takeOver(own, dead), () -> {});
          }
        });
    sweepNext(now);
  }

  /** The next turn finds what was won. */
  private void claim(CompletionStage<Boolean> claim, Runnable won) {
    var _ =
        claim.thenAcceptAsync(
            mine -> {
              if (mine) {
                won.run();
              }
            },
            owner);
  }

  private void sweepNext(long now) {
    if (sweeping != null) {
      return;
    }
    Iterator<Map.Entry<Incarnation, Long>> each = due.entrySet().iterator();
    while (each.hasNext()) {
      Map.Entry<Incarnation, Long> next = each.next();
      if (now - next.getValue() >= 0) {
        sweeping = next.getKey();
        step(next.getKey());
        return;
      }
    }
  }

  private void step(Incarnation dead) {
    var _ =
        records
            .rooms(dead, ROOMS_A_STEP)
            .thenCompose(rooms -> sweep(dead, rooms))
            .whenCompleteAsync(
                (more, failure) -> {
                  if (failure == null && more && due.containsKey(dead)) {
                    step(dead);
                  } else {
                    sweeping = null;
                  }
                },
                owner);
  }

  /** Completes with whether there may be more rooms. */
  private CompletionStage<Boolean> sweep(Incarnation dead, List<String> rooms) {
    if (rooms.isEmpty()) {
      return records.swept(dead).thenApply(_ -> false);
    }
    CompletableFuture<?>[] swept =
        rooms.stream()
            .map(room -> records.sweep(dead, room).toCompletableFuture())
            .toArray(CompletableFuture[]::new);
    return CompletableFuture.allOf(swept)
        .thenCompose(_ -> records.forget(dead, rooms))
        .thenApply(_ -> true);
  }
}
