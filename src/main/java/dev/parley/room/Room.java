package dev.parley.room;

import dev.parley.broker.Entry;
import dev.parley.broker.Head;
import dev.parley.broker.LogPage;
import dev.parley.broker.Outcome;
import dev.parley.broker.PresenceChange;
import dev.parley.broker.RoomChannel;
import dev.parley.broker.RoomListener;
import dev.parley.broker.Typing;
import dev.parley.budget.Account;
import dev.parley.budget.Budget;
import dev.parley.budget.BudgetKind;
import dev.parley.delivery.Lane;
import dev.parley.protocol.Epoch;
import dev.parley.protocol.ErrorCode;
import dev.parley.protocol.MessageFrames;
import dev.parley.protocol.Position;
import dev.parley.protocol.RoomName;
import dev.parley.protocol.ServerFrame;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A room on its home lane, which owns everything in here: the position up to which members have
 * been sent, the subscription, who is admitted, and the only way of events to the lanes that have
 * members.
 *
 * <p>Messages go out in offset order without a hole: what does not follow on is held while the
 * {@link Refill} reads what is missing from the log.
 */
final class Room implements RoomListener {

  private enum State {
    UNSUBSCRIBED,
    SUBSCRIBING,
    OPEN
  }

  /** Something that needs the room to be open. */
  private record Waiting(Runnable opened, Runnable failed) {}

  private final Rooms rooms;
  private final RoomName name;
  private final Lane lane;
  private final Account opener;
  private final RoomChannel channel;
  private final byte[] prefix;
  private final Pages pages;
  private final Refill refill;
  private final ResumeCheck resumes;
  private final RoomPresence presence;
  private final RoomTyping typing;
  private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();
  private final Deletions deletions = new Deletions();
  private final MembersByLane members;
  private final PublishOrder publishes;
  private final Histories histories;
  private State state = State.UNSUBSCRIBED;
  private Head head = new Head(Epoch.NONE, 0, List.of(), 0, 0, false, List.of());
  private long next;
  private boolean used;

  Room(Rooms rooms, RoomName name, Lane lane, Account opener) {
    this.rooms = rooms;
    this.opener = opener;
    this.name = name;
    this.lane = lane;
    channel = rooms.broker().channel(name, lane);
    prefix = MessageFrames.prefix(name);
    pages = new Pages(this, channel, rooms.replay());
    Budget bus = rooms.budgets().of(BudgetKind.BUS);
    refill = new Refill(this, channel, bus, rooms.metrics());
    resumes = new ResumeCheck(this, channel, refill);
    presence = new RoomPresence(this, channel, rooms.presenceGrace(), rooms::keepsAbsentUsers);
    typing = new RoomTyping(this, channel, rooms.broker().incarnation());
    members = new MembersByLane(this, rooms, bus);
    publishes = new PublishOrder(channel);
    histories = new Histories(this, channel, rooms.replay());
  }

  RoomName name() {
    return name;
  }

  Lane lane() {
    return lane;
  }

  /** Who answers for it. */
  Account opener() {
    return opener;
  }

  Epoch epoch() {
    return head.epoch();
  }

  RoomChannel channel() {
    used = true;
    return channel;
  }

  Pages pages() {
    return pages;
  }

  Histories histories() {
    return histories;
  }

  RoomPresence presence() {
    return presence;
  }

  RoomTyping typing() {
    return typing;
  }

  void join(Membership membership, Joining joining) {
    if (membership.cancelled) {
      return;
    }
    Runnable admitted =
        () -> {
          if (!membership.cancelled) {
            admit(membership, joining);
          }
        };
    Runnable refused = () -> refuse(membership.participant(), joining.ref());
    Position since = joining.since();
    // The head that opens the room is read from here on: it contains whatever the participant saw.
    Runnable opened =
        since == null || state == State.UNSUBSCRIBED
            ? admitted
            : () -> resumes.judge(since, admitted, refused);
    whenOpen(opened, refused);
  }

  /** Answers with where the room is now; null where it cannot be opened. */
  void position(Consumer<@Nullable Position> answer) {
    whenOpen(() -> answer.accept(new Position(head.epoch(), next - 1)), () -> answer.accept(null));
  }

  private void whenOpen(Runnable opened, Runnable failed) {
    used = true;
    switch (state) {
      case OPEN -> opened.run();
      case SUBSCRIBING -> waiting.add(new Waiting(opened, failed));
      case UNSUBSCRIBED -> {
        waiting.add(new Waiting(opened, failed));
        state = State.SUBSCRIBING;
        channel.subscribe(this);
      }
    }
  }

  /**
   * @param ended the connection ended: its user may be back within the grace time
   */
  void leave(Membership membership, boolean ended) {
    membership.cancelled = true;
    if (!membership.admitted) {
      return;
    }
    membership.admitted = false;
    Participant participant = membership.participant();
    typing.left(participant.id());
    behindPublishes(() -> presence.left(participant.identity().user(), ended));
    members.left(participant.outbound().lane());
  }

  void publish(Entry entry, Account sender, Consumer<Outcome> answer) {
    used = true;
    publishes.publish(entry, sender, answer);
  }

  /** Runs the action when every message published before it is answered. */
  void behindPublishes(Runnable action) {
    used = true;
    publishes.behind(action);
  }

  @Override
  public void opened(Head opened) {
    state = State.OPEN;
    head = opened;
    next = opened.offset() + 1;
    deletions.replace(opened.deleted());
    presence.opened(opened);
    waited().forEach(each -> Lane.attempt(each.opened()));
  }

  @Override
  public void openFailed() {
    state = State.UNSUBSCRIBED;
    waited().forEach(each -> Lane.attempt(each.failed()));
  }

  /** Those who wait by now: what they do may make others wait. */
  private List<Waiting> waited() {
    List<Waiting> all = List.copyOf(waiting);
    waiting.clear();
    return all;
  }

  @Override
  public void messages(Epoch epoch, long first, List<Entry> entries) {
    if (state != State.OPEN || !epoch.equals(head.epoch())) {
      // Messages of an epoch that the room has not been told of yet: its head comes, and they are
      // read from the log.
      return;
    }
    if (refill.isRunning() || first > next) {
      refill.hold(first, entries);
      refill.through(first - 1);
    } else if (isBehind()) {
      refill.through(first + entries.size() - 1);
    } else {
      deliver(first, entries);
    }
  }

  /** Hands on what is new of these; the first of them is at most the next one. */
  void deliver(long first, List<Entry> entries) {
    for (int i = (int) Math.max(0, next - first); i < entries.size(); i++) {
      RoomEvent event =
          RoomEvent.message(
              name, prefix, first + i, deletions.mask(first + i, entries.get(i)), true);
      next = first + i + 1;
      tell(event);
    }
  }

  /** All that is known to be missing has been read. */
  void caughtUp() {
    resumes.again();
  }

  /** Whether a lane takes what it is told too slowly: the rest has to be read from the log then. */
  boolean isBehind() {
    return members.isBehind();
  }

  /** The offset of the next message that members are sent. */
  long next() {
    return next;
  }

  /** What is below this offset cannot be had any more. */
  void skipTo(long offset) {
    tell(RoomEvent.gap(new ServerFrame.Gap(name, next, offset - 1, "history")));
    next = offset;
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
    if (offset < next) {
      tell(RoomEvent.deletion(name, offset));
    }
  }

  boolean isDeleted(long offset) {
    return deletions.contains(offset);
  }

  /** The page without what was deleted while it was read. */
  LogPage withoutDeleted(LogPage page) {
    return deletions.mask(page);
  }

  @Override
  public void signal(Entry entry) {
    if (!isBehind()) {
      tell(RoomEvent.signal(name, entry));
    }
  }

  @Override
  public void typing(Typing change) {
    if (!isBehind()) {
      tell(RoomEvent.typing(name, change));
    }
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
    boolean sameEpoch = now.epoch().equals(head.epoch());
    boolean continued = now.continues(new Position(head.epoch(), next - 1));
    head = now;
    List<Long> deletedMeanwhile = deletions.replace(now.deleted());
    presence.resynchronise(now);
    if (!sameEpoch) {
      pages.forget();
      refill.stop();
    }
    if (!continued) {
      next = now.offset() + 1;
      tell(RoomEvent.reset(new ServerFrame.EpochChanged(name, now.epoch(), now.offset(), false)));
    } else if (!sameEpoch) {
      tell(RoomEvent.notice(new ServerFrame.EpochChanged(name, now.epoch(), next - 1, true)));
    }
    if (continued) {
      deletedMeanwhile.forEach(this::tellDeleted);
    }
    if (now.offset() >= next) {
      refill.through(now.offset());
    }
    resumes.again();
  }

  void tell(RoomEvent event) {
    members.tell(event);
  }

  /** Ends where nobody needs it any more; false where it is still in use. */
  boolean expire() {
    pages.dropOld();
    boolean needed =
        used
            || state == State.SUBSCRIBING
            || refill.isRunning()
            || !resumes.isEmpty()
            || pages.isReading()
            || !histories.isEmpty()
            || presence.hasUsers()
            || channel.isTelling()
            || !members.isEmpty()
            || !publishes.isIdle();
    used = false;
    if (!needed) {
      pages.forget();
      if (state == State.OPEN) {
        channel.unsubscribe();
      }
    }
    return !needed;
  }

  boolean isOpen() {
    return state == State.OPEN;
  }

  RoomView view() {
    return new RoomView(name, members.admitted(), presence.count(), head.epoch(), next - 1);
  }

  /** Sends everybody on this instance out; answers how many went. */
  CompletableFuture<Integer> close() {
    return members.close();
  }

  private void admit(Membership membership, Joining joining) {
    Participant participant = membership.participant();
    Lane memberLane = participant.outbound().lane();
    LaneMembers local = members.on(memberLane);
    Admission admission = admission(joining);
    memberLane.run(() -> local.join(membership, admission));
    if (!membership.admitted) {
      membership.admitted = true;
      rooms.metrics().joined();
      members.admitted(memberLane);
      presence.entered(participant.identity().user(), participant.displayName());
    }
  }

  private void refuse(Participant participant, @Nullable String ref) {
    rooms.metrics().joinUnavailable();
    participant
        .outbound()
        .lane()
        .run(() -> participant.refused(name, ref, ErrorCode.BROKER_UNAVAILABLE, null));
  }

  private Admission admission(Joining joining) {
    long offset = next - 1;
    Position since = joining.since();
    boolean known = since != null && holds(since);
    long from = offset;
    if (known && since != null) {
      from = since.offset();
    } else if (since == null && joining.last() > 0) {
      from = Math.max(0, offset - joining.last());
    }
    return new Admission(joining, head.epoch(), offset, from, known, presence.count());
  }

  /** Whether what was seen up to this position is still what the log says, as far as is known. */
  boolean holds(Position since) {
    return holds(since, next - 1);
  }

  /** Whether the position is gone whatever the log says by now: an older epoch ended before it. */
  boolean excludes(Position since) {
    return head.excludes(since);
  }

  /**
   * As {@link #holds(Position)}, if the log reaches to {@code offset}: the head is only as new as
   * the broker's last word.
   */
  boolean holds(Position since, long offset) {
    return since.offset() <= offset
        && (since.epoch().equals(head.epoch()) || head.continues(since));
  }
}
