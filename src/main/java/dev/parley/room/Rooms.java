package dev.parley.room;

import dev.parley.access.Identity;
import dev.parley.access.RoomPolicies;
import dev.parley.broker.Broker;
import dev.parley.broker.Deletion;
import dev.parley.broker.Outcome;
import dev.parley.broker.Outcome.Accepted;
import dev.parley.broker.PresenceProperties;
import dev.parley.broker.PresentUsers;
import dev.parley.budget.Account;
import dev.parley.budget.Budgets;
import dev.parley.delivery.Lane;
import dev.parley.delivery.Lanes;
import dev.parley.protocol.ClientFrame;
import dev.parley.protocol.ErrorCode;
import dev.parley.protocol.RoomName;
import dev.parley.protocol.ServerFrame;
import dev.parley.protocol.UserId;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;

/**
 * The rooms of this instance, and the only way into them: every join, publish and read is checked
 * against {@link RoomPolicies} here.
 *
 * <p>Methods that take a {@link Participant} or {@link Membership} are called on its lane and
 * answer there; a refusal that is known at once is returned. Methods that take an {@link Identity}
 * alone may be called from any thread.
 */
@Service
public class Rooms {
  private final Broker broker;
  private final RoomAccess access;
  private final RoomMetrics metrics;
  private final OpenRooms open;
  private final RoomRequests requests;
  private final RoomOperations operations;
  private final Receipts receipts;
  private final AtomicBoolean keepsAbsentUsers = new AtomicBoolean();

  Rooms(
      Lanes lanes,
      Broker broker,
      RoomPolicies policies,
      RoomMetrics metrics,
      RoomAllowance allowance,
      PresenceProperties presence,
      ReceiptProperties receipts,
      Budgets budgets) {
    this.broker = broker;
    access = new RoomAccess(policies);
    this.metrics = metrics;
    RoomChannels channels = new RoomChannels(broker, policies);
    RoomFactory factory =
        new RoomFactory(
            lanes,
            broker,
            channels,
            policies,
            budgets,
            metrics,
            presence.grace(),
            receipts.window(),
            keepsAbsentUsers::get);
    open = new OpenRooms(lanes, allowance, factory);
    requests = new RoomRequests(open, new EntryFactory(broker), allowance, metrics);
    operations = new RoomOperations(lanes, open);
    this.receipts = new Receipts(lanes, channels, access, open);
    metrics.countRooms(open::count);
    metrics.watch(broker::isAvailable);
    for (Lane lane : lanes.all()) {
      lane.beforeWrites(() -> broker.flush(lane));
    }
  }

  /** The read marks of users in rooms. */
  public Receipts receipts() {
    return receipts;
  }

  public boolean mayJoin(Identity identity, RoomName room) {
    return access.join(identity, room) == null;
  }

  /**
   * Where the room is now, to join from there later. From any thread.
   *
   * @param asking who answers for the room if it has to be opened
   */
  public CompletableFuture<RoomPosition> position(RoomName room, Account asking) {
    return requests.position(room, asking);
  }

  /** Answers through the participant, unless it is refused here. */
  public @Nullable ErrorCode join(Membership membership, Joining joining) {
    ErrorCode refused = access.join(membership.participant().identity(), membership.room());
    if (refused == null) {
      forceJoin(membership, joining);
    } else {
      metrics.joinRefused(refused);
    }
    return refused;
  }

  /** Joins by an operator's word: the policies are not asked. Answers through the participant. */
  public void forceJoin(Membership membership, Joining joining) {
    membership.receipts = receipts.areTold(membership);
    requests.join(membership, joining);
  }

  /**
   * @param ended the connection ended: its user may be back within the grace time before the room
   *     is told
   */
  public void leave(Membership membership, boolean ended) {
    LaneMembers local = membership.local;
    if (local == null) {
      membership.left();
    } else {
      local.leave(membership);
    }
    // A join that is refused here opened nothing, nor must its leaving.
    open.ifOpen(membership.room(), room -> room.leave(membership, ended));
  }

  /**
   * @param membership in the room of the message; null if the participant has none
   * @param answer called on the participant's lane
   */
  public @Nullable ErrorCode publish(
      Participant participant,
      @Nullable Membership membership,
      ClientFrame.Message message,
      Consumer<Outcome<Accepted>> answer) {
    ErrorCode refused =
        access.publish(participant.identity(), membership, message.room(), message.content());
    if (refused == null) {
      requests.publish(participant, message, answer);
    }
    return refused;
  }

  /** Not stored, and not confirmed. */
  public @Nullable ErrorCode signal(
      Participant participant, @Nullable Membership membership, ClientFrame.Signal signal) {
    ErrorCode refused =
        access.publish(participant.identity(), membership, signal.room(), signal.data());
    if (refused == null) {
      requests.signal(participant, signal);
    }
    return refused;
  }

  /** Tells the others, not of every frame. */
  public @Nullable ErrorCode typing(
      Participant participant, @Nullable Membership membership, ClientFrame.Typing typing) {
    ErrorCode refused = access.publish(participant.identity(), membership, typing.room(), null);
    if (refused == null) {
      requests.typing(participant, typing);
    }
    return refused;
  }

  /**
   * @param answer called on the participant's lane, with a history or a failure
   */
  public @Nullable ErrorCode history(
      Participant participant,
      @Nullable Membership membership,
      ClientFrame.History request,
      Consumer<ServerFrame> answer) {
    ErrorCode refused = access.history(participant.identity(), membership, request.room());
    if (refused == null) {
      requests.history(participant, request, answer);
    }
    return refused;
  }

  /**
   * Publishes for somebody without a connection; answers an ack or a failure.
   *
   * @param address where a guest comes from: it counts for what it makes the instance hold
   */
  public CompletableFuture<ServerFrame> publish(
      Identity identity, String address, ClientFrame.Message message) {
    ErrorCode refused = access.publish(identity, message.room(), message.content());
    return refused == null
        ? requests.publish(identity, address, message)
        : refused(message, refused);
  }

  /**
   * Reads for somebody without a connection; answers a history or a failure.
   *
   * @param address where a guest comes from: it counts for what it makes the instance hold
   */
  public CompletableFuture<ServerFrame> history(
      Identity identity, String address, ClientFrame.History request) {
    ErrorCode refused = access.history(identity, request.room());
    return refused == null
        ? requests.history(identity, address, request)
        : refused(request, refused);
  }

  /**
   * Removes a message's content, on all instances, for good; its offset stays. For operators: the
   * policies are not asked.
   */
  public CompletableFuture<Outcome<Deletion>> delete(RoomName room, long offset) {
    return operations.delete(room, offset);
  }

  /**
   * Has everybody on this instance leave the room: {@code left} with reason {@code closed}, a
   * connection that is nothing but this room is closed. Answers how many connections it was.
   */
  public CompletableFuture<Integer> closeRoom(RoomName room) {
    return operations.close(room);
  }

  /** The room as it is on this instance; null if it is not open. */
  public CompletableFuture<@Nullable RoomView> view(RoomName room) {
    return operations.view(room);
  }

  /**
   * The rooms that are open on this instance in order of their names.
   *
   * @param after only those behind this name; all if it is null
   * @param limit at least 1
   */
  public CompletableFuture<List<RoomView>> list(@Nullable RoomName after, int limit) {
    return operations.list(after, limit);
  }

  /**
   * Who is in the room, on all instances, in order of the users' ids.
   *
   * @param after only those behind this user; all if it is null
   * @param limit at least 1
   */
  public CompletableFuture<Outcome<PresentUsers>> members(
      RoomName room, @Nullable UserId after, int limit) {
    return operations.members(room, after, limit);
  }

  /** Whether the broker takes messages at present. */
  public boolean isPublishing() {
    return broker.isAvailable();
  }

  /** Calls the listener when {@link #isPublishing} changes, from any thread. */
  public void onPublishing(Runnable listener) {
    broker.onAvailability(listener);
  }

  /**
   * From now on a user whose last connection here ended stays in the rooms until {@link #exitAll}:
   * all of them are being sent to other instances.
   */
  public void keepAbsentUsers() {
    keepsAbsentUsers.set(true);
  }

  /**
   * Has the users of this instance exit all rooms; done when every lane has said so to the broker.
   */
  public CompletableFuture<Void> exitAll() {
    keepsAbsentUsers.set(false);
    return open.forEach(room -> {
      room.reads().flush();
      room.presence().exitAll();
    });
  }

  private static CompletableFuture<ServerFrame> refused(ClientFrame request, ErrorCode code) {
    return CompletableFuture.completedFuture(
        new ServerFrame.Failure(request.ref(), null, request.room(), code, null, null));
  }
}
