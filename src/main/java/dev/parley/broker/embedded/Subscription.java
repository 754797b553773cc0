package dev.parley.broker.embedded;

import dev.parley.broker.Callbacks;
import dev.parley.broker.Entry;
import dev.parley.broker.Head;
import dev.parley.broker.Mailbox;
import dev.parley.broker.RoomListener;
import dev.parley.protocol.Epoch;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** One listener of a room of the embedded broker. */
final class Subscription {

  /** What waits for the home executor's next turn. */
  sealed interface Event {}

  private record Message(Subscription to, Epoch epoch, long offset, Entry entry) implements Event {}

  private record Call(Subscription to, Consumer<RoomListener> call) implements Event {}

  /** Has nothing to do with a subscription: the answer to a call. */
  record Answer(Runnable call) implements Event {}

  private final RoomListener listener;
  private final Mailbox<Event> mailbox;

  /** Only read and written on the home executor. */
  private boolean ended;

  Subscription(RoomListener listener, Mailbox<Event> mailbox) {
    this.listener = listener;
    this.mailbox = mailbox;
  }

  void opened(Head head) {
    event(listener -> listener.opened(head));
  }

  void message(Epoch epoch, long offset, Entry entry) {
    mailbox.put(new Message(this, epoch, offset, entry));
  }

  void event(Consumer<RoomListener> event) {
    mailbox.put(new Call(this, event));
  }

  /** Called on the home executor: what still waits in the mailbox is not delivered. */
  void end() {
    ended = true;
  }

  /** Called on the home executor with what its mailbox held. */
  static void deliver(List<Event> events) {
    for (int i = 0; i < events.size(); i++) {
      switch (events.get(i)) {
        case Answer(Runnable call) -> Callbacks.run(call);
        case Call(Subscription to, Consumer<RoomListener> call) -> {
          if (!to.ended) {
            Callbacks.run(() -> call.accept(to.listener));
          }
        }
        case Message message -> i += messages(message, events, i) - 1;
      }
    }
  }

  /** Delivers the run of messages that begins at {@code from}; how many it has. */
  private static int messages(Message first, List<Event> events, int from) {
    int to = from + 1;
    while (to < events.size()
        && events.get(to) instanceof Message next
        && next.to == first.to
        && next.epoch.equals(first.epoch)) {
      to++;
    }
    if (first.to.ended) {
      return to - from;
    }
    List<Entry> entries = new ArrayList<>(to - from);
    for (Event event : events.subList(from, to)) {
      entries.add(((Message) event).entry);
    }
    Callbacks.run(() -> first.to.listener.messages(first.epoch, first.offset, entries));
    return to - from;
  }
}
