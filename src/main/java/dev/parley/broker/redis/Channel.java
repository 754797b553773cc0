package dev.parley.broker.redis;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.parley.broker.Callbacks;
import dev.parley.broker.Deletion;
import dev.parley.broker.Entry;
import dev.parley.broker.Head;
import dev.parley.broker.HistoryPage;
import dev.parley.broker.LogPage;
import dev.parley.broker.Outcome;
import dev.parley.broker.Outcome.Accepted;
import dev.parley.broker.Outcome.Refused;
import dev.parley.broker.PresentUsers;
import dev.parley.broker.ReadMarks;
import dev.parley.broker.RoomChannel;
import dev.parley.broker.RoomListener;
import dev.parley.broker.Typing;
import dev.parley.broker.UserPresence;
import dev.parley.budget.Account;
import dev.parley.budget.BudgetKind;
import dev.parley.protocol.Epoch;
import dev.parley.protocol.ReadMark;
import dev.parley.protocol.UserId;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A room on Redis for one caller. Belongs to the home executor. */
final class Channel implements RoomChannel {
  private static final long LARGE_MESSAGE_BYTES = 32 * 1024;

  private final RoomKeys keys;
  private final Executor home;
  private final RedisBroker broker;
  private final Publisher publisher;
  private final PublishQueue queue;
  private final Presence presence;
  private final Reads reads;
  private @Nullable Subscription subscription;

  Channel(RoomKeys keys, Publisher publisher, RedisBroker broker) {
    this.keys = keys;
    this.home = publisher.home();
    this.broker = broker;
    this.publisher = publisher;
    this.queue = new PublishQueue(keys, broker.backlog(), this::seen);
    this.presence = new Presence(keys, home, broker);
    this.reads = new Reads(keys, home, broker.commands());
  }

  @Override
  public void subscribe(RoomListener listener) {
    if (subscription != null) {
      throw new IllegalStateException("already subscribed to " + keys.channel());
    }
    Subscription opening =
        new Subscription(
            keys.channel(),
            home,
            broker.budgets().of(BudgetKind.BUS),
            listener,
            this::readHead,
            head -> presence.again(),
            this::refuse);
    subscription = opening;
    broker.bus().add(opening);
    broker.inFiveSeconds(() ->
        home.execute(() -> {
          // The head, which is read then, has a deadline of its own.
          if (subscription == opening && !opening.isConfirmed()) {
            refuse(Outcome.unavailable());
          }
        }));
  }

  private void refuse(Refused<Head> refused) {
    Subscription opening = subscription;
    if (opening != null) {
      unsubscribe();
      opening.listener().opened(refused);
    }
  }

  @Override
  public void unsubscribe() {
    Subscription ending = subscription;
    if (ending != null) {
      subscription = null;
      ending.end();
      broker.bus().remove(ending);
    }
  }

  private void seen(Epoch epoch) {
    Subscription current = subscription;
    if (current != null) {
      current.seen(epoch);
    }
  }

  private void readHead(boolean opening, Consumer<Outcome<Head>> answer) {
    Consumer<@Nullable List<Object>> read =
        reply -> answer.accept(reply == null ? Outcome.unavailable() : Replies.head(reply));
    byte[][] none = keys.settling();
    broker
        .commands()
        .run(
            opening
                ? ScriptCall.unlessFull(Script.OPEN, keys.ofHead(), none, home, read)
                : ScriptCall.withDeadline(Script.OPEN, keys.ofHead(), none, home, read));
  }

  @Override
  public void publish(Entry entry, Account sender, Consumer<Outcome<Accepted>> answer) {
    publisher.publish(queue, entry, sender, answer);
  }

  @Override
  public void behind(Runnable action) {
    if (queue.isBehind()) {
      queue.hold(action);
    } else {
      Callbacks.run(action);
    }
  }

  @Override
  public void signal(Entry entry) {
    publisher.signal(queue, Payload.signal(entry));
  }

  @Override
  public void typing(Typing typing) {
    publisher.signal(queue, Payload.typing(typing));
  }

  @Override
  public void read(long from, int limit, int bytes, Consumer<Outcome<LogPage>> answer) {
    broker
        .commands()
        .run(
            ScriptCall.page(
                Script.LOG,
                keys.ofLog(),
                keys.settling(PrimaryState.ascii(from), PrimaryState.ascii(limit)),
                (int) Math.min(bytes, limit * LARGE_MESSAGE_BYTES),
                home,
                reply -> {
                  Outcome<LogPage> outcome = Replies.page(reply);
                  if (outcome instanceof LogPage page) {
                    seen(page.epoch());
                  }
                  answer.accept(outcome);
                }));
  }

  @Override
  public void history(
      long from, boolean older, int limit, int bytes, Consumer<Outcome<HistoryPage>> answer) {
    broker
        .commands()
        .run(
            ScriptCall.page(
                Script.HISTORY,
                keys.ofPublishing(),
                keys.settling(
                    PrimaryState.ascii(from),
                    PrimaryState.ascii(older ? 1 : 0),
                    PrimaryState.ascii(limit)),
                (int) Math.min(bytes, limit * LARGE_MESSAGE_BYTES),
                home,
                reply -> answer.accept(Replies.historyPage(reply))));
  }

  @Override
  public void delete(long offset, Consumer<Outcome<Deletion>> answer) {
    broker
        .commands()
        .run(
            ScriptCall.unlessFull(
                Script.DELETE,
                keys.ofLog(),
                keys.settling(
                    keys.channel().getBytes(US_ASCII),
                    PrimaryState.ascii(offset),
                    Long.toHexString(ThreadLocalRandom.current().nextLong()).getBytes(US_ASCII)),
                home,
                reply -> answer.accept(Replies.deletion(reply))));
  }

  @Override
  public void markRead(List<ReadMark> marks, Consumer<Outcome<Outcome.Done>> answer) {
    reads.markRead(marks, answer);
  }

  @Override
  public void readMarks(
      List<UserId> users,
      @Nullable ReadMark after,
      int limit,
      Consumer<Outcome<ReadMarks>> answer) {
    reads.readMarks(users, after, limit, answer);
  }

  @Override
  public void present(@Nullable UserId after, int limit, Consumer<Outcome<PresentUsers>> answer) {
    var _ =
        broker
            .commands()
            .scan(keys.presence(), new PresenceScan(after, limit))
            .completeOnTimeout(Outcome.unavailable(), 5, TimeUnit.SECONDS)
            .exceptionally(_ -> Outcome.unavailable())
            .thenAcceptAsync(answer, home);
  }

  @Override
  public void isPresent(UserId user, Consumer<Outcome<UserPresence>> answer) {
    var _ =
        broker
            .commands()
            .has(keys.presence(), user)
            .completeOnTimeout(Outcome.unavailable(), 5, TimeUnit.SECONDS)
            .exceptionally(_ -> Outcome.unavailable())
            .thenAcceptAsync(answer, home);
  }

  @Override
  public void enter(UserId user, String username) {
    presence.enter(user, username);
  }

  @Override
  public void exit(UserId user) {
    presence.exit(user);
  }

  @Override
  public boolean isIdle() {
    return !queue.isBehind() && !presence.isTelling();
  }
}
