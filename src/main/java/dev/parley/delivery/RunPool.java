package dev.parley.delivery;

import java.util.ArrayDeque;

/**
 * A lane's direct buffers, in three sizes so that a chat line that one reader holds up does not pin
 * 64 KiB.
 */
final class RunPool {
  private static final int[] SIZES = {4 * 1024, 16 * 1024, Run.MAX_BYTES};
  private static final int[] KEPT = {256, 64, 64};

  @SuppressWarnings({"unchecked", "rawtypes"})
  private final ArrayDeque<Run>[] free =
      new ArrayDeque[] {new ArrayDeque<>(), new ArrayDeque<>(), new ArrayDeque<>()};

  Run acquire(int bytes) {
    int size = sizeFor(bytes);
    Run run = free[size].poll();
    return run != null ? run : new Run(SIZES[size]);
  }

  void release(Run run) {
    if (!run.release()) {
      return;
    }
    run.forget();
    int size = sizeFor(run.capacity());
    if (free[size].size() < KEPT[size]) {
      free[size].push(run);
    }
  }

  private static int sizeFor(int bytes) {
    return bytes <= SIZES[0] ? 0 : bytes <= SIZES[1] ? 1 : 2;
  }
}
