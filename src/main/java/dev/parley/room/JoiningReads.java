package dev.parley.room;

import dev.parley.broker.Outcome;
import dev.parley.broker.ReadMarks;
import dev.parley.delivery.Lane;
import dev.parley.protocol.ServerFrame;
import dev.parley.protocol.UserId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The read marks that users who join a room are told. The joins wait for them, and the broker is
 * asked for many users at a time. If it does not answer soon, they join without. Owned by the
 * room's home lane.
 */
final class JoiningReads {
  private static final Duration PATIENCE = Duration.ofSeconds(1);

  private record Joiner(UserId user, Consumer<@Nullable JoinReads> answer) {}

  private final RoomHome home;
  private final BooleanSupplier available;
  private final RoomReads room;
  private final List<Joiner> joiners = new ArrayList<>(0);

  /** For whom the broker is being asked; null if for nobody. */
  private @Nullable List<Joiner> asked;

  private int questions;

  /** It was asked too long ago. */
  private boolean silent;

  /**
   * @param available whether the broker answers at present
   */
  JoiningReads(RoomHome home, BooleanSupplier available, RoomReads room) {
    this.home = home;
    this.available = available;
    this.room = room;
  }

  /** Whether the broker is asked for nobody. */
  boolean isIdle() {
    return asked == null;
  }

  /**
   * Answers what the user, who joins, is told; null if the broker does not say.
   *
   * @param answer called at once or later
   */
  void whenKnown(UserId user, Consumer<@Nullable JoinReads> answer) {
    if (silent || !available.getAsBoolean()) {
      answer.accept(null);
      return;
    }
    joiners.add(new Joiner(user, answer));
    if (asked == null) {
      ask();
    }
  }

  private void ask() {
    List<Joiner> some = joiners.subList(0, Math.min(joiners.size(), ReadMarks.MOST_AT_ONCE));
    List<Joiner> batch = List.copyOf(some);
    some.clear();
    asked = batch;
    int question = ++questions;
    home.channel()
        .readMarks(
            batch.stream().map(Joiner::user).toList(),
            null,
            ServerFrame.Read.MAX_MARKS,
            outcome -> answered(batch, outcome));
    home.lane().schedule(() -> late(question), PATIENCE);
  }

  private void late(int question) {
    if (asked != null && question == questions) {
      silent = true;
      List<Joiner> all = new ArrayList<>(asked);
      all.addAll(joiners);
      joiners.clear();
      all.forEach(joiner -> answer(joiner, null));
    }
  }

  private void answered(List<Joiner> batch, Outcome<ReadMarks> outcome) {
    asked = null;
    if (silent) {
      silent = false;
      return;
    }
    ReadMarks marks = outcome instanceof ReadMarks read ? read : null;
    if (marks != null) {
      room.seen(marks);
    }
    for (int i = 0; i < batch.size(); i++) {
      Joiner joiner = batch.get(i);
      answer(joiner, marks == null ? null : reads(joiner.user(), marks, marks.own().get(i)));
    }
    if (asked == null && !joiners.isEmpty()) {
      ask();
    }
  }

  private JoinReads reads(UserId user, ReadMarks marks, long own) {
    return new JoinReads(Math.max(own, Math.min(room.moving(user), marks.head())), marks.newest());
  }

  private static void answer(Joiner joiner, @Nullable JoinReads reads) {
    Lane.attempt(() -> joiner.answer().accept(reads));
  }
}
