package dev.parley.room;

import dev.parley.broker.Outcome;
import dev.parley.broker.ReadMarks;
import dev.parley.protocol.ReadMark;
import dev.parley.protocol.ServerFrame;
import dev.parley.protocol.UserId;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The read marks of a room: takes those that users of this instance move to the broker, and tells
 * the members of those that moved on any instance. Both in batches: the first mark goes to the
 * broker at once, and what follows within the window, together, at its end; what has moved is
 * collected for a window, and is one frame. Owned by the room's home lane.
 */
final class RoomReads {
  private static final Duration RETRY = Duration.ofSeconds(1);

  private final RoomHome home;
  private final EventSink members;
  private final Duration window;

  /** What the broker is to be told. */
  private final Map<UserId, Long> moving = new HashMap<>(0);

  /** What the broker is being told; null if nothing. */
  private @Nullable Map<UserId, Long> writing;

  /** Counts the resets: what was written before one is not written again. */
  private int resets;

  /** The broker was told a moment ago. */
  private boolean resting;

  /** What the members are to be told. */
  private final Map<UserId, Long> moved = new HashMap<>(0);

  private boolean telling;

  /** A mark was seen here: there may be more to be told after an interruption. */
  private boolean used;

  RoomReads(RoomHome home, EventSink members, Duration window) {
    this.home = home;
    this.members = members;
    this.window = window;
  }

  /** Whether nothing is under way that would be lost with the room. */
  boolean isIdle() {
    return moving.isEmpty() && writing == null;
  }

  /** A user has read up to here. */
  void read(UserId user, long offset) {
    used = true;
    moving.merge(user, offset, Math::max);
    if (!resting) {
      write();
    }
  }

  /** The offset that the user's mark is on its way to, 0 if it is on none. */
  long moving(UserId user) {
    Map<UserId, Long> sent = writing;
    long last = sent == null ? 0 : sent.getOrDefault(user, 0L);
    return Math.max(last, moving.getOrDefault(user, 0L));
  }

  /** Tells the broker now what it has not been told. */
  void flush() {
    while (!moving.isEmpty()) {
      Map<UserId, Long> batch = batch();
      home.channel().markRead(marks(batch), _ -> {});
    }
  }

  private void write() {
    if (writing != null || moving.isEmpty()) {
      return;
    }
    Map<UserId, Long> batch = batch();
    writing = batch;
    int current = resets;
    home.channel()
        .markRead(
            marks(batch), outcome -> written(batch, current, outcome instanceof Outcome.Done));
    restFor(window);
  }

  private Map<UserId, Long> batch() {
    Map<UserId, Long> batch = new HashMap<>();
    var marks = moving.entrySet().iterator();
    while (marks.hasNext() && batch.size() < ReadMarks.MOST_AT_ONCE) {
      var mark = marks.next();
      batch.put(mark.getKey(), mark.getValue());
      marks.remove();
    }
    return batch;
  }

  private void written(Map<UserId, Long> batch, int when, boolean done) {
    if (when != resets) {
      return;
    }
    writing = null;
    if (!done) {
      batch.forEach((user, offset) -> moving.merge(user, offset, Math::max));
      restFor(RETRY);
    } else if (!resting) {
      write();
    }
  }

  private void restFor(Duration time) {
    if (!resting) {
      resting = true;
      home.lane()
          .schedule(
              () -> {
                resting = false;
                write();
              },
              time);
    }
  }

  /** Marks moved, on any instance. */
  void moved(List<ReadMark> marks) {
    used = true;
    for (ReadMark mark : marks) {
      moved.merge(mark.user(), mark.offset(), Math::max);
    }
    if (moved.size() > ReadMarks.MOST_AT_ONCE) {
      List<ReadMark> newest = newest();
      moved.clear();
      newest.forEach(mark -> moved.put(mark.user(), mark.offset()));
    }
    if (!telling && !moved.isEmpty()) {
      telling = true;
      if (window.isZero()) {
        tell();
      } else {
        home.lane().schedule(this::tell, window);
      }
    }
  }

  private void tell() {
    if (members.isBehind()) {
      home.lane().schedule(this::tell, RETRY);
      return;
    }
    telling = false;
    if (!moved.isEmpty()) {
      members.tell(RoomEvent.notice(new ServerFrame.Read(home.name(), newest())));
      moved.clear();
    }
  }

  private List<ReadMark> newest() {
    return marks(moved).stream()
        .sorted(ReadMark.NEWEST_FIRST)
        .limit(ServerFrame.Read.MAX_MARKS)
        .toList();
  }

  private static List<ReadMark> marks(Map<UserId, Long> offsets) {
    return offsets.entrySet().stream()
        .map(each -> new ReadMark(each.getKey(), each.getValue()))
        .toList();
  }

  /** Positions begin anew: what was on its way is of positions that are void. */
  void reset() {
    moving.clear();
    moved.clear();
    writing = null;
    resets++;
  }

  /** The bus was interrupted: marks that moved meanwhile are told again. */
  void resynchronise() {
    if (used) {
      home.channel()
          .readMarks(
              List.of(),
              null,
              ServerFrame.Read.MAX_MARKS,
              outcome -> {
                if (outcome instanceof ReadMarks marks) {
                  moved(marks.newest());
                }
              });
    }
  }

  /** Marks of the room were read: there may be more to be told after an interruption. */
  void seen(ReadMarks marks) {
    used |= !marks.newest().isEmpty();
  }
}
