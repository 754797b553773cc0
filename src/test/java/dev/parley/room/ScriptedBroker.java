package dev.parley.room;

import dev.parley.broker.Broker;
import dev.parley.broker.ControlBus;
import dev.parley.broker.Deletion;
import dev.parley.broker.Entry;
import dev.parley.broker.Head;
import dev.parley.broker.HistoryPage;
import dev.parley.broker.LogPage;
import dev.parley.broker.Outcome;
import dev.parley.broker.Outcome.Accepted;
import dev.parley.broker.PresenceChange;
import dev.parley.broker.PresentUsers;
import dev.parley.broker.ReadMarks;
import dev.parley.broker.Retention;
import dev.parley.broker.RoomChannel;
import dev.parley.broker.RoomListener;
import dev.parley.broker.Typing;
import dev.parley.broker.UserPresence;
import dev.parley.budget.Account;
import dev.parley.protocol.ClientFrame;
import dev.parley.protocol.Content;
import dev.parley.protocol.Epoch;
import dev.parley.protocol.MessageFrames;
import dev.parley.protocol.Position;
import dev.parley.protocol.ReadMark;
import dev.parley.protocol.RoomName;
import dev.parley.protocol.UserId;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * A broker of one room whose bus loses, delays and doubles what the test wants it to, whose log is
 * trimmed when the test says so, and whose reads fail on demand. Message n says {@code "m<n>"}.
 */
final class ScriptedBroker implements Broker {
  private Epoch epoch = Epoch.random();
  private final List<Entry> log = new ArrayList<>();
  private final Set<Long> deleted = new HashSet<>();
  private long trimmed;
  private long members;
  private @Nullable RoomListener listener;
  private @Nullable Executor home;
  int pageLimit = Integer.MAX_VALUE;
  boolean readsFail;
  List<Position> lineage = List.of();
  boolean busIsCut;
  Supplier<Fate> fate = () -> Fate.ARRIVES;
  private final List<Runnable> late = new ArrayList<>();
  int reads;

  /** How often it was told of somebody who types. */
  int typings;

  private final Set<UserId> present = new HashSet<>();

  /** Marks that are stored; those of {@link #markWrites} are only noted. */
  final Map<UserId, Long> marks = new HashMap<>();

  final List<List<ReadMark>> markWrites = new ArrayList<>();
  final List<List<UserId>> markReads = new ArrayList<>();
  private final ArrayDeque<Consumer<Outcome<Outcome.Done>>> markAnswers = new ArrayDeque<>();
  boolean marksAreHeld;
  boolean marksAreSilent;

  /** What becomes of an event on the bus. */
  enum Fate {
    ARRIVES,
    IS_LOST,
    /** Arrives when the test says so, behind others that came after it. */
    IS_LATE,
    IS_DOUBLED
  }

  long head() {
    return trimmed + log.size();
  }

  Epoch epoch() {
    return epoch;
  }

  /** Some other instance publishes this many, in one batch. */
  void publish(int count) {
    long first = head() + 1;
    List<Entry> entries = entries(first, count);
    log.addAll(entries);
    if (!busIsCut) {
      carry(to -> to.messages(epoch, first, entries));
    }
  }

  static List<Entry> entries(long first, int count) {
    return LongStream.range(first, first + count).mapToObj(ScriptedBroker::entry).toList();
  }

  Set<Long> deleted() {
    return deleted;
  }

  /** Somebody deletes one of the newest messages. */
  void delete(long offset) {
    if (offset > trimmed && offset <= head() && deleted.add(offset)) {
      log.set((int) (offset - trimmed - 1), Entry.DELETED);
      if (!busIsCut) {
        carry(to -> to.deleted(offset));
      }
    }
  }

  void trimTo(int kept) {
    int surplus = log.size() - kept;
    if (surplus > 0) {
      log.subList(0, surplus).clear();
      trimmed += surplus;
    }
  }

  /** The log is lost, and the next one is of another epoch. */
  void loseAll() {
    log.clear();
    trimmed = 0;
    marks.clear();
    epoch = Epoch.random();
  }

  /** The bus is back: the listener is told where the log ends. */
  void mend() {
    busIsCut = false;
    tell(to -> to.head(headNow()));
  }

  /** What it says of itself. */
  Head headNow() {
    return new Head(epoch, head(), lineage, (int) members, members, false, List.copyOf(deleted));
  }

  /** Answers the oldest write of marks that is not answered. */
  void answerMarks(boolean done) {
    Consumer<Outcome<Outcome.Done>> answer = markAnswers.remove();
    if (home != null) {
      home.execute(() -> answer.accept(done ? new Outcome.Done() : Outcome.unconfirmed()));
    }
  }

  /** Marks moved, on some instance. */
  void moved(ReadMark... moved) {
    carry(to -> to.read(List.of(moved)));
  }

  private List<ReadMark> newestMarks(int limit) {
    return marks.entrySet().stream()
        .map(mark -> new ReadMark(mark.getKey(), mark.getValue()))
        .sorted(ReadMark.NEWEST_FIRST)
        .limit(limit)
        .toList();
  }

  /** Another instance says that a user types or ceased to. */
  void typing(Typing typing) {
    carry(to -> to.typing(typing));
  }

  /** One of the events that are late arrives, if there are any. */
  void arrive(Random random) {
    if (!late.isEmpty()) {
      late.remove(random.nextInt(late.size())).run();
    }
  }

  private void carry(Consumer<RoomListener> event) {
    RoomListener to = listener;
    switch (fate.get()) {
      case ARRIVES -> tell(event);
      case IS_LOST -> {}
      case IS_LATE ->
          late.add(() -> {
            if (listener == to) {
              tell(event);
            }
          });
      case IS_DOUBLED -> {
        tell(event);
        tell(event);
      }
    }
  }

  private void tell(Consumer<RoomListener> event) {
    RoomListener to = listener;
    if (to != null && home != null) {
      home.execute(() -> event.accept(to));
    }
  }

  private static Entry entry(long offset) {
    Content content =
        new Content(Content.Form.JSON, ("\"m" + offset + "\"").getBytes(StandardCharsets.UTF_8));
    RoomName room = new RoomName("r");
    ClientFrame.Message message =
        new ClientFrame.Message(null, room, content, null, null, null, true);
    return new Entry(
        Content.Form.JSON,
        true,
        99,
        1,
        1_000,
        null,
        MessageFrames.jsonTail(message, new UserId("someone"), "Someone", 1_000),
        null);
  }

  @Override
  public RoomChannel channel(RoomName room, Retention retention, Executor executor) {
    home = executor;
    return new Channel();
  }

  @Override
  public long incarnation() {
    return 7;
  }

  @Override
  public void flush(Executor executor) {}

  @Override
  public ControlBus control() {
    throw new UnsupportedOperationException();
  }

  @Override
  public boolean isAvailable() {
    return true;
  }

  @Override
  public void onAvailability(Runnable onChange) {}

  private final class Channel implements RoomChannel {

    @Override
    public void subscribe(RoomListener to) {
      listener = to;
      tell(each -> each.opened(headNow()));
    }

    @Override
    public void unsubscribe() {
      listener = null;
    }

    @Override
    public void publish(Entry entry, Account sender, Consumer<Outcome<Accepted>> answer) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void behind(Runnable action) {
      action.run();
    }

    @Override
    public boolean isIdle() {
      return true;
    }

    @Override
    public void signal(Entry entry) {
      carry(to -> to.signal(entry));
    }

    @Override
    public void typing(Typing typing) {
      typings++;
      carry(to -> to.typing(typing));
    }

    @Override
    public void read(long from, int limit, int bytes, Consumer<Outcome<LogPage>> answer) {
      reads++;
      Outcome<LogPage> page =
          readsFail ? Outcome.unavailable() : page(from, Math.min(limit, pageLimit));
      if (home != null) {
        home.execute(() -> answer.accept(page));
      }
    }

    @Override
    public void history(
        long from, boolean older, int limit, int bytes, Consumer<Outcome<HistoryPage>> answer) {
      reads++;
      Outcome<HistoryPage> page =
          readsFail ? Outcome.unavailable() : history(from, older, Math.min(limit, pageLimit));
      if (home != null) {
        home.execute(() -> answer.accept(page));
      }
    }

    private HistoryPage history(long from, boolean older, int limit) {
      List<HistoryPage.Message> found = new ArrayList<>();
      long step = older ? -1 : 1;
      long offset = older ? Math.min(from, head()) : Math.max(from, trimmed + 1);
      for (; offset > trimmed && offset <= head(); offset += step) {
        Entry entry = log.get((int) (offset - trimmed - 1));
        if (!entry.isDeleted()) {
          found.add(new HistoryPage.Message(offset, entry));
        }
      }
      List<HistoryPage.Message> first = found.subList(0, Math.min(limit, found.size()));
      return new HistoryPage(epoch, List.copyOf(first), found.size() > limit);
    }

    @Override
    public void delete(long offset, Consumer<Outcome<Deletion>> answer) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void markRead(List<ReadMark> marks, Consumer<Outcome<Outcome.Done>> answer) {
      markWrites.add(marks);
      markAnswers.add(answer);
      if (!marksAreHeld) {
        answerMarks(true);
      }
    }

    @Override
    public void readMarks(
        List<UserId> users,
        @Nullable ReadMark after,
        int limit,
        Consumer<Outcome<ReadMarks>> answer) {
      markReads.add(users);
      if (!marksAreSilent && home != null) {
        List<Long> own = users.stream().map(user -> marks.getOrDefault(user, 0L)).toList();
        ReadMarks answered = new ReadMarks(epoch, head(), own, newestMarks(limit));
        home.execute(() -> answer.accept(answered));
      }
    }

    @Override
    public void present(@Nullable UserId after, int limit, Consumer<Outcome<PresentUsers>> answer) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void isPresent(UserId user, Consumer<Outcome<UserPresence>> answer) {
      UserPresence answered = UserPresence.of(present.contains(user));
      if (home != null) {
        home.execute(() -> answer.accept(answered));
      }
    }

    private LogPage page(long from, int limit) {
      long first = Math.max(from, trimmed + 1);
      int start = (int) Math.min(log.size(), first - trimmed - 1);
      int end = Math.min(log.size(), start + limit);
      return new LogPage(epoch, head(), trimmed + 1, first, List.copyOf(log.subList(start, end)));
    }

    @Override
    public void enter(UserId user, String username) {
      present.add(user);
      announce(user, username, true);
    }

    @Override
    public void exit(UserId user) {
      present.remove(user);
      announce(user, user.value(), false);
    }

    private void announce(UserId user, String username, boolean joined) {
      members++;
      PresenceChange change =
          new PresenceChange(user, username, joined, 1_000, (int) members, members, false);
      carry(to -> to.presence(change));
    }
  }
}
