package dev.parley.room;

import dev.parley.broker.Entry;
import dev.parley.broker.Outcome;
import dev.parley.broker.Outcome.Accepted;
import dev.parley.broker.Outcome.Refused;
import dev.parley.broker.RoomChannel;
import dev.parley.budget.Account;
import dev.parley.delivery.Lane;
import dev.parley.protocol.Position;
import dev.parley.protocol.RoomName;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A room on its home lane, which owns everything in here: who has joined, and with whom the room's
 * {@link RoomFeed feed}, presence, typing and read marks have to do. It exists until nobody needs
 * it any more.
 */
final class Room {
  private final RoomHome home;
  private final Account opener;
  private final Cursor cursor;
  private final RoomFeed feed;
  private final MembersByLane members;
  private final RoomPresence presence;
  private final RoomTyping typing;
  private final RoomReads reads;
  private final JoiningReads joiningReads;
  private final Histories histories;
  private final RoomMetrics metrics;
  private boolean used;

  /**
   * @param opener who answers for it
   */
  Room(
      RoomHome home,
      Account opener,
      Cursor cursor,
      RoomFeed feed,
      MembersByLane members,
      RoomPresence presence,
      RoomTyping typing,
      RoomReads reads,
      JoiningReads joiningReads,
      Histories histories,
      RoomMetrics metrics) {
    this.home = home;
    this.opener = opener;
    this.cursor = cursor;
    this.feed = feed;
    this.members = members;
    this.presence = presence;
    this.typing = typing;
    this.reads = reads;
    this.joiningReads = joiningReads;
    this.histories = histories;
    this.metrics = metrics;
  }

  RoomName name() {
    return home.name();
  }

  /** Who answers for it. */
  Account opener() {
    return opener;
  }

  RoomChannel channel() {
    used = true;
    return home.channel();
  }

  Histories histories() {
    used = true;
    return histories;
  }

  RoomPresence presence() {
    return presence;
  }

  RoomTyping typing() {
    return typing;
  }

  RoomReads reads() {
    return reads;
  }

  boolean isOpen() {
    return feed.isOpen();
  }

  /** Answers where the room is now, or why it cannot be opened. */
  void position(Consumer<Position> answer, Consumer<Refused<?>> refused) {
    used = true;
    feed.whenOpen(() -> answer.accept(cursor.position()), refused);
  }

  void publish(Entry entry, Account sender, Consumer<Outcome<Accepted>> answer) {
    used = true;
    home.channel().publish(entry, sender, answer);
  }

  void join(Membership membership, Joining joining) {
    if (membership.hasLeft()) {
      return;
    }
    used = true;
    feed.whenJudged(
        joining.since(),
        () -> judged(membership, joining),
        why -> refuse(membership.participant(), joining.ref(), why));
  }

  /**
   * @param ended the connection ended: its user may be back within the grace time
   */
  void leave(Membership membership, boolean ended) {
    if (!membership.counted) {
      return;
    }
    membership.counted = false;
    Participant participant = membership.participant();
    typing.ceased(participant);
    used = true;
    // The room is to hear what the user published before it hears that the user left.
    home.channel().behind(() -> presence.exit(participant.identity().user(), ended));
    members.left(participant.outbound().lane());
  }

  private void judged(Membership membership, Joining joining) {
    if (membership.hasLeft()) {
      return;
    }
    Position since = joining.since();
    boolean held = since == null || cursor.holds(since);
    if (!membership.receipts) {
      admitIfItFits(membership, joining, held, null);
      return;
    }
    joiningReads.whenKnown(
        membership.participant().identity().user(),
        known -> admitIfItFits(membership, joining, held, known));
  }

  /**
   * The last question before the room admits somebody: the next one is asked when the room has one
   * more.
   *
   * @param held whether the position was good when it was judged: messages that came since must not
   *     make good what was past the head
   */
  private void admitIfItFits(
      Membership membership, Joining joining, boolean held, @Nullable JoinReads known) {
    if (membership.hasLeft()) {
      return;
    }
    if (membership.counted || joining.forced()) {
      admit(membership, joining, held, known);
      return;
    }
    Participant participant = membership.participant();
    presence.ifFits(
        participant.identity().user(),
        () -> {
          if (!membership.hasLeft()) {
            admit(membership, joining, held, known);
          }
        },
        why -> refuse(participant, joining.ref(), why));
  }

  private void admit(
      Membership membership, Joining joining, boolean held, @Nullable JoinReads known) {
    Participant participant = membership.participant();
    Lane memberLane = participant.outbound().lane();
    LaneMembers local = members.on(memberLane);
    Admission admission = admission(joining, held, known);
    memberLane.run(() -> local.join(membership, admission));
    if (!membership.counted) {
      membership.counted = true;
      metrics.joined();
      members.joined(memberLane);
      presence.enter(participant.identity().user(), participant.displayName());
    }
  }

  private void refuse(Participant participant, @Nullable String ref, Refused<?> why) {
    metrics.joinRefused(why.code());
    participant
        .outbound()
        .lane()
        .run(() -> participant.refused(name(), ref, why.code(), why.retryAfterMs()));
  }

  private Admission admission(Joining joining, boolean held, @Nullable JoinReads marks) {
    Position now = cursor.position();
    long offset = now.offset();
    Position since = joining.since();
    boolean known = since != null && held && cursor.holds(since);
    long from = offset;
    if (known && since != null) {
      from = since.offset();
    } else if (since == null && joining.last() > 0) {
      from = Math.max(0, offset - joining.last());
    }
    return new Admission(joining, now.epoch(), offset, from, known, presence.count(), marks);
  }

  /** Ends if nobody needs it any more; false if it is still in use. */
  boolean expire() {
    feed.dropOldPages();
    boolean needed =
        used
            || feed.isBusy()
            || !histories.isEmpty()
            || presence.hasUsers()
            || !reads.isIdle()
            || !joiningReads.isIdle()
            || !home.channel().isIdle()
            || !members.isEmpty();
    used = false;
    if (!needed) {
      feed.close();
    }
    return !needed;
  }

  RoomView view() {
    Position now = cursor.position();
    return new RoomView(name(), members.size(), presence.count(), now.epoch(), now.offset());
  }

  /** Has everybody on this instance leave; answers how many did. */
  CompletableFuture<Integer> close() {
    return members.close();
  }
}
