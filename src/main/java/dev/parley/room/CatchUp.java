package dev.parley.room;

import dev.parley.delivery.Outbound;
import dev.parley.protocol.ErrorCode;
import dev.parley.protocol.ServerFrame;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Brings a member up to date: sends {@code joined}, then the log up to the position that the room's
 * home lane fixed, then whatever the member's lane has received since. It pauses at the soft limit
 * of the member's {@link Outbound}, so that a member that has much to catch up on does not count as
 * slow. While it pauses, or waits for its {@link ReplayTurns turn}, it holds nothing but its
 * position. Owned by the member's lane.
 */
final class CatchUp {

  /*
   *              position < until                 position = until
   *   start --> [ read pages of the log ] ------> [ follow recent events ] --> live
   *                 ^      |     ^                    |         |
   *       RETRY, or a turn +-----+                    |         +-- waits for room in the outbound
   *                        ^                          |
   *                        +-- recent events were dropped: "until" moves to the last of them
   *
   * The home lane fixed the cut "until" and put the join into the same queue that carries the
   * room's events to this lane. So every event is either at or below the cut, and in the log, or
   * arrives here after the join, and is among the recent events from "nextEvent" on. There is no
   * hand-over in which one could be missed or sent twice, and no lock: replay and live messages
   * have one producer, this lane.
   *
   * Notices have no offset and are not in the log. They are kept in order with the messages in the
   * recent events; if those were dropped, the member is told the size of the room at the end.
   *
   * The client's promise is that "joined" names where the replay begins and how long it is, so
   * "joined" is not sent before the first page is there and is known to begin at the position. If
   * it does not, a client that gave a position is told "recovered: false" and goes on live, and one
   * that asked for the last n messages gets those that are left. Once "joined" is sent, whatever is
   * trimmed during the replay becomes a gap in its place (PROTOCOL.md, resuming).
   *
   * A step never waits while it holds a page: it sends what the outbound has room for, releases the
   * page and asks for it again. Pages are shared, so asking again usually costs no read.
   */

  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final Duration RETRY = Duration.ofMillis(250);

  private final LaneMembers room;
  private final Membership membership;
  private final Admission admission;

  /** The last offset that needs nothing more. */
  private long position;

  /**
   * The log is read up to here; moves on if {@link RecentEvents} dropped what would have come next.
   */
  private long until;

  /** The number of the next recent event. */
  private long nextEvent;

  /** Since when the log cannot be read; a reading that waits for others does not count. */
  private long failingSince;

  private boolean failing;

  /** Deletions of messages that were replayed: told behind the replay, whose frames are counted. */
  private final List<RoomEvent.Deletion> deletions = new ArrayList<>(0);

  private boolean announced;
  private boolean noticesDropped;

  /** Waits for its turn, for a page or to try again. */
  private boolean waiting;

  CatchUp(LaneMembers room, Membership membership, Admission admission) {
    this.room = room;
    this.membership = membership;
    this.admission = admission;
    this.position = admission.from();
    this.until = admission.offset();
    this.nextEvent = room.recent().end();
  }

  /** What the replay that this one takes the place of has yet to tell, is told behind this one. */
  void takeOver(CatchUp before) {
    deletions.addAll(before.deletions);
  }

  void start() {
    if (position >= until) {
      announce(0);
    }
    proceed();
  }

  /** Gives the replay up: the room's position begins anew. */
  void abandon() {
    if (!announced) {
      position = until;
      announce(0);
    }
    room.caughtUp(membership);
  }

  /** A message was deleted: what is still to be replayed is read without it. */
  void deleted(RoomEvent.Deletion deletion) {
    if (deletion.offset() <= position) {
      deletions.add(deletion);
    }
  }

  Participant participant() {
    return membership.participant();
  }

  private void proceed() {
    Outbound outbound = participant().outbound();
    while (isCurrent() && !waiting) {
      if (position < until) {
        waiting = true;
        room.turns().await(this);
        return;
      } else if (!outbound.hasRoom()) {
        outbound.whenRoom(this::proceed);
        return;
      } else if (!followRecent(outbound)) {
        return;
      }
    }
  }

  private boolean isCurrent() {
    return membership.catchUp == this;
  }

  /** Its turn has come. */
  void read() {
    room.read(position + 1, participant(), this::replay);
  }

  private void replay(Page page) {
    waiting = false;
    try {
      if (isCurrent() && page.failed()) {
        retry();
      } else if (isCurrent()) {
        replayAll(page);
      }
    } finally {
      room.release(page);
      room.turns().done(this);
    }
  }

  /** Sends what the page has and the connection has room for. */
  private void replayAll(Page page) {
    if (page.first() > position + 1) {
      skipTo(Math.min(page.first() - 1, until));
    }
    RoomEvent event = page.at(position + 1);
    if (position < until && event == null) {
      retry();
      return;
    }
    failing = false;
    Outbound outbound = participant().outbound();
    while (isCurrent() && position < until && event != null && outbound.hasRoom()) {
      if (!announced) {
        announce(until - position);
      }
      position++;
      room.send(membership, event);
      event = page.at(position + 1);
    }
    proceed();
  }

  /** What lies between is no longer kept. */
  private void skipTo(long offset) {
    if (announced) {
      room.send(
          membership,
          RoomEvent.gap(new ServerFrame.Gap(room.name(), position + 1, offset, "history")));
      position = offset;
    } else if (admission.joining().since() != null) {
      position = until;
      announce(0, false);
    } else {
      position = offset;
      if (position == until) {
        announce(0);
      }
    }
  }

  /**
   * The log cannot be read at present, whatever the broker's outcome was. Who waits for its {@code
   * joined} is let go after a while; who has it waits for the broker, as everybody in the room
   * does.
   */
  private void retry() {
    long now = System.nanoTime();
    if (!failing) {
      failing = true;
      failingSince = now;
    }
    if (!announced && now - failingSince > PATIENCE.toNanos()) {
      giveUp();
      return;
    }
    waiting = true;
    room.lane()
        .schedule(
            () -> {
              waiting = false;
              proceed();
            },
            RETRY);
  }

  private void giveUp() {
    room.caughtUp(membership);
    Participant participant = participant();
    if (membership.isJoined()) {
      // It was in before, and what it would have heard meanwhile has passed it by.
      participant.lost(membership.room());
    } else {
      participant.refused(
          membership.room(), admission.joining().ref(), ErrorCode.BROKER_UNAVAILABLE, null);
    }
  }

  /** Sends what the lane has seen meanwhile; false if the member is live now or has to wait. */
  private boolean followRecent(Outbound outbound) {
    deletions.forEach(deletion -> room.send(membership, deletion));
    deletions.clear();
    RecentEvents recent = room.recent();
    if (nextEvent < recent.first()) {
      nextEvent = recent.first();
      noticesDropped = true;
      until = Math.max(until, recent.droppedThrough());
      return true;
    }
    Iterator<RoomEvent> events = recent.from(nextEvent);
    while (events.hasNext() && isCurrent()) {
      if (!outbound.hasRoom()) {
        outbound.whenRoom(this::proceed);
        return false;
      }
      RoomEvent event = events.next();
      nextEvent++;
      if (event.offset() == 0 || event.offset() > position) {
        position = Math.max(position, event.offset());
        room.send(membership, event);
      }
    }
    if (isCurrent()) {
      room.caughtUp(membership);
      if (noticesDropped) {
        room.sendMembers(membership);
      }
    }
    return false;
  }

  private void announce(long replay) {
    announce(replay, admission.joining().since() == null ? null : (Boolean) admission.known());
  }

  private void announce(long replay, @Nullable Boolean recovered) {
    announced = true;
    membership.joined();
    Participant participant = participant();
    participant.joined(room.joined(participant.identity().user(), admission, replay, recovered));
  }
}
