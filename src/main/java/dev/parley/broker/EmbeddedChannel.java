package dev.parley.broker;

import dev.parley.broker.EmbeddedSubscription.Answer;
import dev.parley.broker.EmbeddedSubscription.Event;
import dev.parley.budget.Account;
import dev.parley.protocol.RoomName;
import dev.parley.protocol.UserId;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A room of the embedded broker for one caller. */
final class EmbeddedChannel implements RoomChannel {
  private final RoomName name;
  private final EmbeddedRooms rooms;
  private final long incarnation;
  private final Mailbox<Event> mailbox;

  /** Only read and written on the home executor. */
  private @Nullable EmbeddedSubscription subscription;

  EmbeddedChannel(RoomName name, EmbeddedRooms rooms, long incarnation, Executor home) {
    this.name = name;
    this.rooms = rooms;
    this.incarnation = incarnation;
    this.mailbox = new Mailbox<>(home, this::deliver);
  }

  private void deliver() {
    EmbeddedSubscription.deliver(mailbox.take());
  }

  @Override
  public void subscribe(RoomListener listener) {
    if (subscription != null) {
      throw new IllegalStateException("already subscribed to " + name);
    }
    EmbeddedSubscription opening = new EmbeddedSubscription(listener, mailbox);
    subscription = opening;
    rooms.in(name, (room, now) -> room.subscribe(opening, now));
  }

  @Override
  public void unsubscribe() {
    EmbeddedSubscription ending = subscription;
    if (ending == null) {
      return;
    }
    subscription = null;
    ending.end();
    rooms.in(name, (room, now) -> room.unsubscribe(ending));
  }

  @Override
  public void publish(Entry entry, Account sender, Consumer<Outcome> answer) {
    rooms.in(
        name,
        (room, now) -> {
          Outcome outcome = room.publish(entry, sender, now);
          mailbox.put(new Answer(() -> answer.accept(outcome)));
        });
  }

  @Override
  public void signal(Entry entry) {
    rooms.in(name, (room, now) -> room.announce(listener -> listener.signal(entry)));
  }

  @Override
  public void typing(Typing typing) {
    rooms.in(name, (room, now) -> room.announce(listener -> listener.typing(typing)));
  }

  @Override
  public void read(long from, int limit, int bytes, Consumer<LogPage> answer) {
    rooms.in(
        name,
        (room, now) -> {
          LogPage page = room.read(from, limit, bytes, now);
          mailbox.put(new Answer(() -> answer.accept(page)));
        });
  }

  @Override
  public void delete(long offset, Consumer<Deletion> answer) {
    rooms.in(
        name,
        (room, now) -> {
          Deletion deletion = room.delete(offset, now);
          mailbox.put(new Answer(() -> answer.accept(deletion)));
        });
  }

  @Override
  public void present(@Nullable UserId after, int limit, Consumer<@Nullable List<Present>> answer) {
    rooms.in(
        name,
        (room, now) -> {
          List<Present> present = room.present(after, limit);
          mailbox.put(new Answer(() -> answer.accept(present)));
        });
  }

  @Override
  public void enter(UserId user, String username) {
    rooms.in(name, (room, now) -> room.enter(user, username, incarnation, now));
  }

  @Override
  public void exit(UserId user) {
    rooms.in(name, (room, now) -> room.exit(user, incarnation, now));
  }
}
