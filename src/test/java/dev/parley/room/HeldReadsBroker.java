package dev.parley.room;

import dev.parley.broker.Broker;
import dev.parley.broker.ControlBus;
import dev.parley.broker.Deletion;
import dev.parley.broker.Entry;
import dev.parley.broker.HistoryPage;
import dev.parley.broker.LogPage;
import dev.parley.broker.Outcome;
import dev.parley.broker.Outcome.Accepted;
import dev.parley.broker.PresentUsers;
import dev.parley.broker.ReadMarks;
import dev.parley.broker.Retention;
import dev.parley.broker.RoomChannel;
import dev.parley.broker.RoomListener;
import dev.parley.broker.Typing;
import dev.parley.broker.UserPresence;
import dev.parley.broker.embedded.EmbeddedBroker;
import dev.parley.budget.Account;
import dev.parley.budget.Budget;
import dev.parley.budget.BudgetKind;
import dev.parley.protocol.ClientFrame;
import dev.parley.protocol.Content;
import dev.parley.protocol.MessageFrames;
import dev.parley.protocol.ReadMark;
import dev.parley.protocol.RoomName;
import dev.parley.protocol.UserId;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The embedded broker, but reads of the log are answered when the test says so. */
final class HeldReadsBroker implements Broker, AutoCloseable {
  static final Retention RETENTION = new Retention(10_000, Duration.ofHours(1), Long.MAX_VALUE);

  private final EmbeddedBroker broker =
      new EmbeddedBroker(Budget.of(BudgetKind.LOG, 1_000_000_000));
  private final ArrayDeque<Runnable> held = new ArrayDeque<>();

  /** Rooms and first offsets of the reads, in order. */
  final List<String> reads = new ArrayList<>();

  boolean holds;

  /** It has not answered who left. */
  boolean isBusy;

  /** How many reads are not answered. */
  int inFlight() {
    return held.size();
  }

  void answerOne() {
    held.remove().run();
  }

  /** Adds a message whose text has so many characters. */
  void publish(RoomName room, int length) {
    broker.channel(room, RETENTION, Runnable::run).publish(entry(room, length), outcome -> {});
  }

  static Entry entry(RoomName room, int length) {
    Content content =
        new Content(
            Content.Form.JSON, ("\"" + "x".repeat(length) + "\"").getBytes(StandardCharsets.UTF_8));
    ClientFrame.Message message =
        new ClientFrame.Message(null, room, content, null, null, null, true);
    UserId someone = new UserId("someone");
    byte[] tail = MessageFrames.jsonTail(message, someone, "Someone", 1_000);
    return new Entry(Content.Form.JSON, true, 99, 1, 1_000, null, tail, null);
  }

  @Override
  public RoomChannel channel(RoomName room, Retention retention, Executor home) {
    return new Channel(room, broker.channel(room, RETENTION, home));
  }

  @Override
  public long incarnation() {
    return broker.incarnation();
  }

  @Override
  public void flush(Executor home) {
    broker.flush(home);
  }

  @Override
  public ControlBus control() {
    return broker.control();
  }

  @Override
  public boolean isAvailable() {
    return true;
  }

  @Override
  public void onAvailability(Runnable listener) {}

  @Override
  public void close() {
    broker.close();
  }

  private final class Channel implements RoomChannel {
    private final RoomName room;
    private final RoomChannel channel;

    Channel(RoomName room, RoomChannel channel) {
      this.room = room;
      this.channel = channel;
    }

    @Override
    public void read(long from, int limit, int bytes, Consumer<Outcome<LogPage>> answer) {
      reads.add(room + " " + from);
      held.add(() -> channel.read(from, limit, bytes, answer));
      if (!holds) {
        answerOne();
      }
    }

    @Override
    public void history(
        long from, boolean older, int limit, int bytes, Consumer<Outcome<HistoryPage>> answer) {
      reads.add(room + " " + from);
      held.add(() -> channel.history(from, older, limit, bytes, answer));
      if (!holds) {
        answerOne();
      }
    }

    @Override
    public void subscribe(RoomListener listener) {
      channel.subscribe(listener);
    }

    @Override
    public void unsubscribe() {
      channel.unsubscribe();
    }

    @Override
    public void publish(Entry entry, Account sender, Consumer<Outcome<Accepted>> answer) {
      channel.publish(entry, sender, answer);
    }

    @Override
    public void behind(Runnable action) {
      channel.behind(action);
    }

    @Override
    public void signal(Entry entry) {
      channel.signal(entry);
    }

    @Override
    public void typing(Typing typing) {
      channel.typing(typing);
    }

    @Override
    public void delete(long offset, Consumer<Outcome<Deletion>> answer) {
      channel.delete(offset, answer);
    }

    @Override
    public void markRead(List<ReadMark> marks, Consumer<Outcome<Outcome.Done>> answer) {
      channel.markRead(marks, answer);
    }

    @Override
    public void readMarks(
        List<UserId> users,
        @Nullable ReadMark after,
        int limit,
        Consumer<Outcome<ReadMarks>> answer) {
      channel.readMarks(users, after, limit, answer);
    }

    @Override
    public void present(@Nullable UserId after, int limit, Consumer<Outcome<PresentUsers>> answer) {
      channel.present(after, limit, answer);
    }

    @Override
    public void isPresent(UserId user, Consumer<Outcome<UserPresence>> answer) {
      channel.isPresent(user, answer);
    }

    @Override
    public void enter(UserId user, String username) {
      channel.enter(user, username);
    }

    @Override
    public void exit(UserId user) {
      channel.exit(user);
    }

    @Override
    public boolean isIdle() {
      return channel.isIdle() && !isBusy;
    }
  }
}
