package dev.parley.room;

import dev.parley.delivery.Lane;
import dev.parley.protocol.RoomName;
import dev.parley.protocol.ServerFrame;
import dev.parley.protocol.UserId;
import dev.parley.room.RoomEvent.Sender;
import java.util.ArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The members of a room on one lane, and the delivery of the room's events to them. Owned by that
 * lane; the room's home lane passes the events to it, in order.
 */
final class LaneMembers {
  private final RoomHome home;
  private final Pages pages;
  private final RoomSize size;
  private final Lane lane;
  private final long incarnation;
  private final LatencyMeter latency;
  private final ArrayList<Membership> members = new ArrayList<>();
  private final RecentEvents recent;
  private final ReplayMemory replay;
  private final ReplayTurns turns;
  private int catchingUp;

  /**
   * @param pages used on the home lane only
   * @param size used on the home lane only
   * @param shared with the other rooms that have members on the lane
   * @param incarnation of this instance
   */
  LaneMembers(
      RoomHome home,
      Pages pages,
      RoomSize size,
      RoomFactory.LaneShared shared,
      ReplayMemory replay,
      long incarnation) {
    this.home = home;
    this.pages = pages;
    this.size = size;
    this.replay = replay;
    this.incarnation = incarnation;
    lane = shared.lane();
    latency = shared.latency();
    recent = new RecentEvents(shared.recent());
    turns = shared.turns();
  }

  Lane lane() {
    return lane;
  }

  RoomName name() {
    return home.name();
  }

  RecentEvents recent() {
    return recent;
  }

  ReplayTurns turns() {
    return turns;
  }

  /**
   * Takes a member in, or sets one that is in to another position; it hears what follows from here.
   */
  void join(Membership membership, Admission admission) {
    assert lane.inLane();
    if (membership.hasLeft()) {
      return;
    }
    if (membership.index < 0) {
      membership.local = this;
      membership.index = members.size();
      members.add(membership);
    }
    CatchUp catchUp = new CatchUp(this, membership, admission);
    if (membership.catchUp == null) {
      catchingUp++;
    } else {
      turns.leave(membership.catchUp);
      catchUp.takeOver(membership.catchUp);
    }
    membership.catchUp(catchUp);
    catchUp.start();
  }

  /** The member hears nothing more. */
  void leave(Membership membership) {
    assert lane.inLane();
    membership.left();
    caughtUp(membership);
    int index = membership.index;
    if (index < 0) {
      return;
    }
    Membership last = members.removeLast();
    if (last != membership) {
      members.set(index, last);
      last.index = index;
    }
    membership.index = -1;
  }

  /** The replay is over: the member is live, unless its join failed or it has left. */
  void caughtUp(Membership membership) {
    if (membership.catchUp == null) {
      return;
    }
    turns.leave(membership.catchUp);
    membership.caughtUp();
    if (--catchingUp == 0) {
      recent.clear();
    }
  }

  /**
   * Asks the room's home for the log from this offset on; the answer comes on this lane, and is to
   * be {@linkplain #release released}.
   */
  void read(long from, Participant reader, Consumer<Page> answer) {
    String account = reader.account().name();
    home.lane().run(() -> pages.read(from, account, page -> lane.run(() -> answer.accept(page))));
  }

  void release(Page page) {
    replay.release(page);
  }

  /** Tells one member the room's size, if it may have missed who came and went. */
  void sendMembers(Membership membership) {
    home.lane()
        .run(() -> {
          RoomEvent members = size.notice(name());
          lane.run(() -> {
            if (!membership.hasLeft()) {
              send(membership, members);
            }
          });
        });
  }

  void accept(RoomEvent event) {
    assert lane.inLane();
    switch (event) {
      case RoomEvent.Message message -> {
        latency.add(message.timestamp());
        lane.counters().addDelivered(deliver(message));
        remember(message);
      }
      case RoomEvent.Tombstone tombstone -> {
        deliver(tombstone);
        remember(tombstone);
      }
      case RoomEvent.Notice notice -> {
        deliver(notice);
        remember(notice);
      }
      case RoomEvent.Deletion deletion -> delete(deletion);
      case RoomEvent.Signal signal -> deliver(signal);
      case RoomEvent.Loss loss -> {
        lose(loss);
        remember(loss);
      }
      case RoomEvent.Reset reset -> reset(reset);
    }
  }

  /** Sends the event to one member, if its mode has a frame for it and it is not the sender. */
  void send(Membership membership, RoomEvent event) {
    Participant participant = membership.participant();
    if (event.except().is(incarnation, participant.id())) {
      return;
    }
    if (event instanceof RoomEvent.Loss && participant.mode() != ProtocolMode.FULL) {
      participant.lost(name());
      return;
    }
    byte[] frame = event.frames().of(participant.mode());
    if (frame != null) {
      participant.outbound().send(frame);
      if (event instanceof RoomEvent.Message) {
        lane.counters().addDelivered(1);
      }
    }
  }

  /** Sends the event to all live members; answers how many were sent it. */
  private int deliver(RoomEvent event) {
    int sent = 0;
    EventFrames frames = event.frames();
    Sender except = event.except();
    boolean spares = except.connection() != 0;
    for (int i = 0; i < members.size(); i++) {
      Membership member = members.get(i);
      if (!member.isLive()) {
        continue;
      }
      try {
        Participant participant = member.participant();
        byte[] frame = frames.of(participant.mode());
        if (frame != null && !(spares && except.is(incarnation, participant.id()))) {
          participant.outbound().send(frame);
          sent++;
        }
      } catch (RuntimeException | Error fault) {
        // A fault with one member must not keep the event from the others.
        Lane.failed(fault);
      }
    }
    return sent;
  }

  private void remember(RoomEvent event) {
    if (catchingUp > 0) {
      recent.add(event);
    }
  }

  private void delete(RoomEvent.Deletion deletion) {
    recent.delete(RoomEvent.tombstone(name(), deletion.offset()));
    forEachMember(member -> {
      if (member.isLive()) {
        send(member, deletion);
      } else if (member.catchUp != null) {
        member.catchUp.deleted(deletion);
      }
    });
  }

  private void lose(RoomEvent.Loss loss) {
    forEachMember(member -> {
      if (member.isLive()) {
        send(member, loss);
      }
    });
  }

  /** Whatever becomes of one, and whoever leaves meanwhile. */
  private void forEachMember(Consumer<Membership> action) {
    for (Membership member : new ArrayList<>(members)) {
      Lane.attempt(() -> action.accept(member));
    }
  }

  /** What was being replayed is void: everybody goes on live from the new epoch's head. */
  private void reset(RoomEvent.Reset reset) {
    forEachMember(member -> {
      Participant participant = member.participant();
      CatchUp catchUp = member.catchUp;
      if (catchUp != null) {
        catchUp.abandon();
      }
      byte @Nullable [] frame = reset.frames().of(participant.mode());
      if (frame == null) {
        participant.lost(name());
      } else {
        participant.outbound().send(frame);
      }
    });
  }

  /** Has all members leave; how many did. */
  int close() {
    assert lane.inLane();
    int[] gone = {0};
    forEachMember(member -> {
      if (member.participant().forceLeave(name(), ServerFrame.Left.CLOSED)) {
        gone[0]++;
      }
    });
    return gone[0];
  }

  /** What a join is answered, its position being that of the last message before live. */
  ServerFrame.Joined joined(
      UserId user, Admission admission, long replay, @Nullable Boolean recovered) {
    JoinReads reads = admission.reads();
    return new ServerFrame.Joined(
        admission.joining().ref(),
        name(),
        admission.epoch(),
        admission.offset(),
        replay,
        recovered,
        admission.members(),
        reads == null ? null : reads.all(user),
        reads == null ? null : reads.unread(admission.offset()));
  }
}
