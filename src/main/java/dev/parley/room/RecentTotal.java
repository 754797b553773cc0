package dev.parley.room;

import dev.parley.budget.Budget;
import java.util.LinkedHashSet;
import java.util.SequencedSet;

/**
 * What the rooms of one lane keep for those who catch up: at most the lane's part of half of the
 * budget, so that the other half is always there to read the log. Beyond it the room that has kept
 * something for longest loses it: whoever catches up there takes its time. Owned by the lane.
 */
final class RecentTotal {
  private final Budget budget;
  private final long limit;
  private final SequencedSet<RecentEvents> filled = new LinkedHashSet<>();
  private long bytes;

  RecentTotal(Budget budget, int lanes) {
    this.budget = budget;
    this.limit = budget.limit() / 2 / lanes;
  }

  /**
   * @param now what this one has now
   */
  void changed(RecentEvents of, long difference, long now) {
    bytes += difference;
    budget.add(difference);
    if (now == 0) {
      filled.remove(of);
    } else if (now == difference) {
      filled.add(of);
    }
  }

  /** Makes the oldest give way if it is too much. */
  void bound() {
    while (bytes > limit && !filled.isEmpty()) {
      budget.refused();
      filled.getFirst().dropAll();
    }
  }
}
