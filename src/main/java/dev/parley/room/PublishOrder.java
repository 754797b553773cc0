package dev.parley.room;

import dev.parley.broker.Entry;
import dev.parley.broker.Outcome;
import dev.parley.broker.RoomChannel;
import dev.parley.budget.Account;
import dev.parley.delivery.Lane;
import java.util.ArrayDeque;
import java.util.function.Consumer;

/**
 * Publishes to one room, and keeps what reads its log or tells of somebody leaving behind the
 * messages that came before: it takes another way to the broker, and would overtake them. Owned by
 * the room's home lane.
 */
final class PublishOrder {

  /** Something that has to wait until this many publishes are answered. */
  private record Behind(long published, Runnable action) {}

  private final RoomChannel channel;
  private final ArrayDeque<Behind> behind = new ArrayDeque<>();
  private long published;
  private long answered;

  PublishOrder(RoomChannel channel) {
    this.channel = channel;
  }

  void publish(Entry entry, Account sender, Consumer<Outcome> answer) {
    published++;
    channel.publish(
        entry,
        sender,
        outcome -> {
          answered++;
          try {
            answer.accept(outcome);
          } finally {
            runDue();
          }
        });
  }

  private void runDue() {
    while (!behind.isEmpty() && behind.peek().published() <= answered) {
      Lane.attempt(behind.remove().action());
    }
  }

  /** Runs the action when every message published before it is answered. */
  void behind(Runnable action) {
    if (isIdle()) {
      action.run();
    } else {
      behind.add(new Behind(published, action));
    }
  }

  boolean isIdle() {
    return answered == published;
  }
}
