package dev.parley.broker.embedded;

import dev.parley.broker.ReadMarks;
import dev.parley.protocol.ReadMark;
import dev.parley.protocol.UserId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The read marks of a room of the embedded broker. Guarded by the room's lock. */
final class RoomMarks {
  /** The objects of one mark beside the characters of the user's id. */
  private static final int MARK_BYTES = 250;

  private final Map<UserId, ReadMark> byUser = new HashMap<>(2);
  private final NavigableSet<ReadMark> newestFirst = new TreeSet<>(ReadMark.NEWEST_FIRST);
  private long bytes;

  /** What the marks hold, in bytes. */
  long bytes() {
    return bytes;
  }

  /** Moves marks forward, at most to the head; those that moved. */
  List<ReadMark> move(List<ReadMark> marks, long head) {
    List<ReadMark> moved = new ArrayList<>(marks.size());
    for (ReadMark mark : marks) {
      ReadMark to = new ReadMark(mark.user(), Math.min(mark.offset(), head));
      if (to.offset() > offset(mark.user())) {
        remove(byUser.get(mark.user()));
        byUser.put(to.user(), to);
        newestFirst.add(to);
        bytes += bytes(to);
        moved.add(to);
      }
    }
    while (byUser.size() > ReadMarks.MOST_KEPT) {
      remove(newestFirst.last());
    }
    return moved;
  }

  private void remove(@Nullable ReadMark mark) {
    if (mark != null) {
      byUser.remove(mark.user());
      newestFirst.remove(mark);
      bytes -= bytes(mark);
    }
  }

  private static long bytes(ReadMark mark) {
    return (long) MARK_BYTES + mark.user().value().length();
  }

  /** The user's mark, 0 where there is none. */
  long offset(UserId user) {
    ReadMark mark = byUser.get(user);
    return mark == null ? 0 : mark.offset();
  }

  List<ReadMark> newest(@Nullable ReadMark after, int limit) {
    NavigableSet<ReadMark> behind = after == null ? newestFirst : newestFirst.tailSet(after, false);
    return behind.stream().limit(limit).toList();
  }
}
