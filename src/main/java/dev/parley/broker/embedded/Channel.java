package dev.parley.broker.embedded;

import dev.parley.broker.Callbacks;
import dev.parley.broker.Deletion;
import dev.parley.broker.Entry;
import dev.parley.broker.HistoryPage;
import dev.parley.broker.LogPage;
import dev.parley.broker.Mailbox;
import dev.parley.broker.Outcome;
import dev.parley.broker.Outcome.Accepted;
import dev.parley.broker.PresentUsers;
import dev.parley.broker.ReadMarks;
import dev.parley.broker.Retention;
import dev.parley.broker.RoomChannel;
import dev.parley.broker.RoomListener;
import dev.parley.broker.Typing;
import dev.parley.broker.UserPresence;
import dev.parley.broker.embedded.Subscription.Answer;
import dev.parley.broker.embedded.Subscription.Event;
import dev.parley.budget.Account;
import dev.parley.protocol.Epoch;
import dev.parley.protocol.ReadMark;
import dev.parley.protocol.RoomName;
import dev.parley.protocol.UserId;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A room of the embedded broker for one caller. */
final class Channel implements RoomChannel {
  private final RoomName name;
  private final Retention retention;
  private final RoomStates rooms;
  private final long incarnation;
  private final Mailbox<Event> mailbox;

  /** Only read and written on the home executor. */
  private @Nullable Subscription subscription;

  /** Publishes whose answers wait in the mailbox. Only read and written on the home executor. */
  private int unanswered;

  Channel(RoomName name, Retention retention, RoomStates rooms, long incarnation, Executor home) {
    this.name = name;
    this.retention = retention;
    this.rooms = rooms;
    this.incarnation = incarnation;
    this.mailbox = new Mailbox<>(home, this::deliver);
  }

  private void deliver() {
    Subscription.deliver(mailbox.take());
  }

  @Override
  public void subscribe(RoomListener listener) {
    if (subscription != null) {
      throw new IllegalStateException("already subscribed to " + name);
    }
    Subscription opening = new Subscription(listener, mailbox);
    subscription = opening;
    rooms.in(name, retention, (room, now) -> room.subscribe(opening, now));
  }

  @Override
  public void unsubscribe() {
    Subscription ending = subscription;
    if (ending == null) {
      return;
    }
    subscription = null;
    ending.end();
    rooms.in(name, retention, (room, now) -> room.unsubscribe(ending));
  }

  @Override
  public void publish(Entry entry, Account sender, Consumer<Outcome<Accepted>> answer) {
    rooms.in(
        name,
        retention,
        (room, now) -> {
          Outcome<Accepted> outcome = room.publish(entry, sender, now);
          unanswered++;
          mailbox.put(new Answer(() -> answer(answer, outcome)));
        });
  }

  private void answer(Consumer<Outcome<Accepted>> answer, Outcome<Accepted> outcome) {
    unanswered--;
    answer.accept(outcome);
  }

  @Override
  public void behind(Runnable action) {
    if (isIdle()) {
      Callbacks.run(action);
    } else {
      mailbox.put(new Answer(action));
    }
  }

  @Override
  public void signal(Entry entry) {
    rooms.in(name, retention, (room, now) -> room.announce(listener -> listener.signal(entry)));
  }

  @Override
  public void typing(Typing typing) {
    rooms.in(name, retention, (room, now) -> room.announce(listener -> listener.typing(typing)));
  }

  @Override
  public void read(long from, int limit, int bytes, Consumer<Outcome<LogPage>> answer) {
    rooms.in(
        name,
        retention,
        (room, now) -> {
          LogPage page = room.read(from, limit, bytes, now);
          mailbox.put(new Answer(() -> answer.accept(page)));
        });
  }

  @Override
  public void history(
      long from, boolean older, int limit, int bytes, Consumer<Outcome<HistoryPage>> answer) {
    rooms.in(
        name,
        retention,
        (room, now) -> {
          HistoryPage page = room.history(from, older, limit, bytes, now);
          mailbox.put(new Answer(() -> answer.accept(page)));
        });
  }

  @Override
  public void delete(long offset, Consumer<Outcome<Deletion>> answer) {
    rooms.in(
        name,
        retention,
        (room, now) -> {
          Deletion deletion = room.delete(offset, now);
          mailbox.put(new Answer(() -> answer.accept(deletion)));
        });
  }

  @Override
  public void markRead(List<ReadMark> marks, Consumer<Outcome<Outcome.Done>> answer) {
    rooms.in(
        name,
        retention,
        (room, now) -> {
          room.markRead(marks, now);
          mailbox.put(new Answer(() -> answer.accept(new Outcome.Done())));
        });
  }

  @Override
  public void readMarks(
      List<UserId> users,
      @Nullable ReadMark after,
      int limit,
      Consumer<Outcome<ReadMarks>> answer) {
    boolean there =
        rooms.ifThere(
            name,
            room -> {
              ReadMarks marks = room.readMarks(users, after, limit);
              mailbox.put(new Answer(() -> answer.accept(marks)));
            });
    if (!there) {
      ReadMarks none =
          new ReadMarks(Epoch.NONE, 0, users.stream().map(_ -> 0L).toList(), List.of());
      mailbox.put(new Answer(() -> answer.accept(none)));
    }
  }

  @Override
  public void present(@Nullable UserId after, int limit, Consumer<Outcome<PresentUsers>> answer) {
    rooms.in(
        name,
        retention,
        (room, now) -> {
          PresentUsers present = PresentUsers.upTo(limit, room.present(after, limit + 1));
          mailbox.put(new Answer(() -> answer.accept(present)));
        });
  }

  @Override
  public void isPresent(UserId user, Consumer<Outcome<UserPresence>> answer) {
    rooms.in(
        name,
        retention,
        (room, now) -> {
          UserPresence present = UserPresence.of(room.isPresent(user));
          mailbox.put(new Answer(() -> answer.accept(present)));
        });
  }

  @Override
  public void enter(UserId user, String username) {
    rooms.in(name, retention, (room, now) -> room.enter(user, username, incarnation, now));
  }

  @Override
  public void exit(UserId user) {
    rooms.in(name, retention, (room, now) -> room.exit(user, incarnation, now));
  }

  @Override
  public boolean isIdle() {
    return unanswered == 0;
  }
}
