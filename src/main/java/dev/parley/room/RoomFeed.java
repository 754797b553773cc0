package dev.parley.room;

import dev.parley.broker.Entry;
import dev.parley.broker.Head;
import dev.parley.broker.Outcome;
import dev.parley.broker.Outcome.Refused;
import dev.parley.broker.PresenceChange;
import dev.parley.broker.RoomListener;
import dev.parley.broker.Typing;
import dev.parley.budget.Budget;
import dev.parley.delivery.Lane;
import dev.parley.protocol.Epoch;
import dev.parley.protocol.Position;
import dev.parley.protocol.ReadMark;
import dev.parley.protocol.ServerFrame;
import java.util.ArrayDeque;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A room's subscription to the broker: turns what the broker's bus and log say into {@link
 * RoomEvent}s for the members, with every message once and in order. Owned by the room's home lane.
 */
final class RoomFeed implements RoomListener {

  /*
   * States.
   *
   *   UNSUBSCRIBED --whenOpen--> SUBSCRIBING --opened--> OPEN --close--> (forgotten with its room)
   *         ^                         |
   *         +---opened: refused-------+
   *
   * While it is OPEN, messages take one of three ways, depending on the cursor's next offset:
   *
   *   follows on, nothing missing   deliver at once
   *   leaves a hole                 hold, and read the hole from the log (Refill)
   *   a lane is behind              drop, and read from the log when the lane has caught up
   *
   * Nothing that arrives is trusted to follow on. The broker promises order and no loss on a live
   * subscription, or a head; but checking each batch against the cursor costs one comparison, and
   * makes a message that is lost, late or doubled harmless whatever carries it: the first is read
   * again, the others are behind the cursor and are skipped.
   *
   * A head is the only word about another epoch. Messages of an epoch that is not the cursor's are
   * dropped: the head that announces it is read after them, and so covers them. If the new head
   * continues the cursor's position (PROTOCOL.md, epochs), members only hear of the epoch;
   * otherwise their positions are void, and they go on live behind the head. A refill that was
   * under way reads offsets of the old epoch, so it is stopped first.
   */

  private enum State {
    UNSUBSCRIBED,
    SUBSCRIBING,
    OPEN
  }

  /** Something that needs the room to be open. */
  private record Waiting(Runnable opened, Consumer<Refused<?>> refused) {}

  private final RoomHome home;
  private final Cursor cursor;
  private final Deletions deletions;
  private final Pages pages;
  private final RoomPresence presence;
  private final TypingUsers typists;
  private final RoomReads reads;
  private final EventSink members;
  private final OrderedMessages messages;
  private final Refill refill;
  private final ResumeCheck resumes;
  private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();
  private State state = State.UNSUBSCRIBED;

  /**
   * @param bus the budget of what is held while the log is read
   */
  RoomFeed(
      RoomHome home,
      Cursor cursor,
      Deletions deletions,
      Pages pages,
      RoomPresence presence,
      TypingUsers typists,
      RoomReads reads,
      EventSink members,
      Budget bus,
      RoomMetrics metrics) {
    this.home = home;
    this.cursor = cursor;
    this.deletions = deletions;
    this.pages = pages;
    this.presence = presence;
    this.typists = typists;
    this.reads = reads;
    this.members = members;
    messages = new OrderedMessages(home.name(), cursor, deletions, members, pages::deleted);
    refill = new Refill(home, cursor, messages, members::isBehind, this::refilled, bus, metrics);
    resumes = new ResumeCheck(home.channel(), cursor, refill::through);
  }

  boolean isOpen() {
    return state == State.OPEN;
  }

  /** Runs one of the two, perhaps later; the room is subscribed to if it is not. */
  void whenOpen(Runnable opened, Consumer<Refused<?>> refused) {
    switch (state) {
      case OPEN -> opened.run();
      case SUBSCRIBING -> waiting.add(new Waiting(opened, refused));
      case UNSUBSCRIBED -> {
        waiting.add(new Waiting(opened, refused));
        state = State.SUBSCRIBING;
        home.channel().subscribe(this);
      }
    }
  }

  /**
   * As {@link #whenOpen}, but waits until the room knows as much as the log about this position: if
   * the {@linkplain Cursor#holds(Position) cursor} does not hold it then, it is gone.
   */
  void whenJudged(@Nullable Position since, Runnable judged, Consumer<Refused<?>> refused) {
    if (since == null || state == State.UNSUBSCRIBED) {
      // The head that opens the room is read from here on: it contains whatever the client saw.
      whenOpen(judged, refused);
    } else {
      whenOpen(() -> resumes.judge(since, judged, refused), refused);
    }
  }

  /** Whether something is under way that would be lost with the room. */
  boolean isBusy() {
    return state == State.SUBSCRIBING
        || refill.isRunning()
        || !resumes.isEmpty()
        || pages.isReading();
  }

  /** Lets go of pages of the log that were kept long enough. */
  void dropOldPages() {
    pages.dropOld();
  }

  /** Ends the subscription, if there is one. */
  void close() {
    pages.forget();
    if (state == State.OPEN) {
      home.channel().unsubscribe();
    }
  }

  @Override
  public void opened(Outcome<Head> outcome) {
    switch (outcome) {
      case Head head -> open(head);
      case Refused<Head> refused -> {
        state = State.UNSUBSCRIBED;
        waited().forEach(each -> Lane.attempt(() -> each.refused().accept(refused)));
      }
    }
  }

  private void open(Head opened) {
    state = State.OPEN;
    cursor.headIs(opened);
    cursor.moveTo(opened.offset() + 1);
    deletions.replace(opened.deleted());
    presence.opened(opened);
    waited().forEach(each -> Lane.attempt(each.opened()));
  }

  /** Those who wait by now: what they do may make others wait. */
  private List<Waiting> waited() {
    List<Waiting> all = List.copyOf(waiting);
    waiting.clear();
    return all;
  }

  @Override
  public void messages(Epoch epoch, long first, List<Entry> entries) {
    if (state != State.OPEN || !epoch.equals(cursor.epoch())) {
      // Messages of an epoch that the room has not been told of yet: its head comes, and they are
      // read from the log.
      return;
    }
    if (refill.isRunning() || first > cursor.next()) {
      refill.hold(first, entries);
      refill.through(first - 1);
    } else if (members.isBehind()) {
      refill.through(first + entries.size() - 1);
    } else {
      messages.deliver(first, entries);
    }
  }

  /** All that is known to be missing has been read. */
  private void refilled() {
    resumes.again();
  }

  @Override
  public void deleted(long offset) {
    if (state == State.OPEN && deletions.add(offset)) {
      tellDeleted(offset);
    }
  }

  /** What is not sent yet is sent as deleted when its turn comes. */
  private void tellDeleted(long offset) {
    pages.forget();
    if (offset < cursor.next()) {
      members.tell(RoomEvent.deletion(home.name(), offset));
    }
  }

  @Override
  public void signal(Entry entry) {
    if (!members.isBehind()) {
      members.tell(RoomEvent.signal(home.name(), entry));
    }
  }

  @Override
  public void typing(Typing change) {
    typists.heard(change);
  }

  @Override
  public void read(List<ReadMark> marks) {
    reads.moved(marks);
  }

  @Override
  public void presence(PresenceChange change) {
    presence.changed(change);
  }

  @Override
  public void head(Head now) {
    if (state != State.OPEN) {
      return;
    }
    boolean sameEpoch = now.epoch().equals(cursor.epoch());
    boolean continued = now.continues(cursor.position());
    cursor.headIs(now);
    List<Long> deletedMeanwhile = deletions.replace(now.deleted());
    presence.resynchronise(now);
    if (!sameEpoch) {
      pages.forget();
      refill.stop();
    }
    if (!continued) {
      cursor.moveTo(now.offset() + 1);
      members.tell(RoomEvent.reset(epochChanged(now.offset(), false)));
      reads.reset();
    } else if (!sameEpoch) {
      members.tell(RoomEvent.notice(epochChanged(cursor.next() - 1, true)));
    }
    if (continued) {
      deletedMeanwhile.forEach(this::tellDeleted);
    }
    if (now.offset() >= cursor.next()) {
      refill.through(now.offset());
    }
    resumes.again();
    reads.resynchronise();
  }

  private ServerFrame.EpochChanged epochChanged(long offset, boolean continued) {
    return new ServerFrame.EpochChanged(home.name(), cursor.epoch(), offset, continued);
  }
}
