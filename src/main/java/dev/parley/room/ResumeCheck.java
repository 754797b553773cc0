package dev.parley.room;

import dev.parley.broker.LogPage;
import dev.parley.broker.Outcome.Refused;
import dev.parley.broker.RoomChannel;
import dev.parley.delivery.Lane;
import dev.parley.protocol.Position;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/**
 * Judges the positions that participants come with. One that comes from another instance may have
 * seen what has not reached this one yet: so a position that the room does not know is looked up in
 * the log before anybody is told that it missed something. Owned by the room's home lane.
 */
final class ResumeCheck {
  private final RoomChannel channel;
  private final Cursor cursor;
  private final LongConsumer refill;
  private final List<Runnable> waiting = new ArrayList<>();

  /** How many wait for an answer of the log. */
  private int asking;

  /**
   * @param refill has the log read up to an offset
   */
  ResumeCheck(RoomChannel channel, Cursor cursor, LongConsumer refill) {
    this.channel = channel;
    this.cursor = cursor;
    this.refill = refill;
  }

  /**
   * Runs one of the two, perhaps later.
   *
   * @param judged the room knows as much as the log: a position that it does not hold now is gone
   * @param refused the log could not be read
   */
  void judge(Position since, Runnable judged, Consumer<Refused<?>> refused) {
    if (cursor.holds(since) || cursor.excludes(since)) {
      judged.run();
    } else {
      asking++;
      channel.read(
          cursor.next(),
          1,
          outcome -> {
            asking--;
            switch (outcome) {
              case LogPage page -> judge(since, page, judged, refused);
              case Refused<LogPage> why -> refused.accept(why);
            }
          });
    }
  }

  private void judge(Position since, LogPage page, Runnable judged, Consumer<Refused<?>> refused) {
    if (!page.epoch().equals(cursor.epoch())) {
      // The room is about to be told of another epoch.
      waiting.add(() -> judge(since, judged, refused));
    } else if (!cursor.holds(since) && cursor.holds(since, page.head())) {
      waiting.add(() -> judge(since, judged, refused));
      refill.accept(since.offset());
    } else {
      judged.run();
    }
  }

  /** The room has caught up, or heard of another epoch. */
  void again() {
    List<Runnable> those = List.copyOf(waiting);
    waiting.clear();
    those.forEach(Lane::attempt);
  }

  boolean isEmpty() {
    return waiting.isEmpty() && asking == 0;
  }
}
