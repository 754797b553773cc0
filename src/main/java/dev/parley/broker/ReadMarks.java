package dev.parley.broker;

import dev.parley.protocol.Epoch;
import dev.parley.protocol.ReadMark;
import java.util.List;

/**
 * Some of a room's read marks, in one step with its head.
 *
 * @param epoch {@link Epoch#NONE} if there is no such room
 * @param head offset of the newest message; no mark is beyond it
 * @param own offsets of the marks of the users that were asked about, in their order; 0 if there is
 *     none
 * @param newest in the order of {@link ReadMark#NEWEST_FIRST}
 */
public record ReadMarks(Epoch epoch, long head, List<Long> own, List<ReadMark> newest)
    implements Outcome<ReadMarks> {
  /** So many marks a room keeps: beyond them, those that are furthest behind are dropped. */
  public static final int MOST_KEPT = 50_000;

  /** So many marks or users a call may name. */
  public static final int MOST_AT_ONCE = 500;
}
