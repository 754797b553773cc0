package dev.parley.room;

import dev.parley.budget.Budget;
import dev.parley.delivery.Lane;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The lanes on which a room has members, and how many there are on each: the only way of its events
 * to them, in order. Owned by the room's home lane.
 */
final class MembersByLane implements EventSink {
  private final IntFunction<LaneMembers> onLane;
  private final @Nullable LaneMembers[] members;
  private final int[] counts;
  private final Budget budget;

  /** Bytes of the budget: events on their way to other lanes than the room's home. */
  private final AtomicLong underWay = new AtomicLong();

  /**
   * @param budget of what other lanes have not taken yet
   * @param onLane makes the members of the lane with this index, none yet
   */
  MembersByLane(int lanes, Budget budget, IntFunction<LaneMembers> onLane) {
    this.onLane = onLane;
    this.budget = budget;
    members = new LaneMembers[lanes];
    counts = new int[members.length];
  }

  /** The members of this lane, for one that has joined or is about to. */
  LaneMembers on(Lane lane) {
    LaneMembers local = members[lane.index()];
    if (local == null) {
      local = onLane.apply(lane.index());
      members[lane.index()] = local;
    }
    return local;
  }

  void joined(Lane lane) {
    counts[lane.index()]++;
  }

  /** A member left: the last one of its lane takes the lane with it. */
  void left(Lane lane) {
    if (--counts[lane.index()] == 0) {
      members[lane.index()] = null;
    }
  }

  boolean isEmpty() {
    for (int count : counts) {
      if (count > 0) {
        return false;
      }
    }
    return true;
  }

  /** How many members there are, on all lanes. */
  int size() {
    return IntStream.of(counts).sum();
  }

  /** Has all members leave; answers how many did. */
  CompletableFuture<Integer> close() {
    List<CompletableFuture<Integer>> gone = new ArrayList<>();
    for (LaneMembers local : members) {
      if (local != null) {
        gone.add(CompletableFuture.supplyAsync(local::close, local.lane()));
      }
    }
    return CompletableFuture.allOf(gone.toArray(CompletableFuture[]::new))
        .thenApply(_ -> gone.stream().mapToInt(CompletableFuture::join).sum());
  }

  @Override
  public void tell(RoomEvent event) {
    for (LaneMembers local : members) {
      if (local == null) {
        continue;
      }
      if (local.lane().inLane()) {
        try {
          local.accept(event);
        } catch (RuntimeException | Error fault) {
          // The other lanes are told, and of what follows this one.
          Lane.failed(fault);
        }
      } else {
        hold(event.weight());
        local
            .lane()
            .execute(() -> {
              hold(-event.weight());
              local.accept(event);
            });
      }
    }
  }

  /** Whether more is under way to other lanes than this room may hold. */
  @Override
  public boolean isBehind() {
    long bytes = underWay.get();
    return bytes > 0 && bytes > budget.limit() - budget.held();
  }

  private void hold(long bytes) {
    underWay.addAndGet(bytes);
    budget.add(bytes);
  }
}
