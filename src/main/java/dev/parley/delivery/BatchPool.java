package dev.parley.delivery;

import java.util.ArrayDeque;

/**
 * A lane's direct buffers, in three sizes so that a chat line that one reader holds up does not pin
 * 64 KiB.
 */
final class BatchPool {
  private static final int[] SIZES = {4 * 1024, 16 * 1024, WriteBatch.MAX_BYTES};
  private static final int[] KEPT = {256, 64, 64};

  @SuppressWarnings({"unchecked", "rawtypes"})
  private final ArrayDeque<WriteBatch>[] free =
      new ArrayDeque[] {new ArrayDeque<>(), new ArrayDeque<>(), new ArrayDeque<>()};

  WriteBatch acquire(int bytes) {
    int size = sizeFor(bytes);
    WriteBatch batch = free[size].poll();
    return batch != null ? batch : new WriteBatch(SIZES[size]);
  }

  void release(WriteBatch batch) {
    if (!batch.release()) {
      return;
    }
    batch.forget();
    int size = sizeFor(batch.capacity());
    if (free[size].size() < KEPT[size]) {
      free[size].push(batch);
    }
  }

  private static int sizeFor(int bytes) {
    return bytes <= SIZES[0] ? 0 : bytes <= SIZES[1] ? 1 : 2;
  }
}
