package dev.parley.room;

import dev.parley.access.Identity;
import dev.parley.access.Permission;
import dev.parley.access.RoomPolicies;
import dev.parley.broker.Broker;
import dev.parley.broker.Deletion;
import dev.parley.broker.Entry;
import dev.parley.broker.Outcome;
import dev.parley.broker.UnavailableException;
import dev.parley.budget.Account;
import dev.parley.budget.Budget;
import dev.parley.budget.BudgetKind;
import dev.parley.budget.Budgets;
import dev.parley.delivery.Lane;
import dev.parley.delivery.Lanes;
import dev.parley.protocol.ClientFrame;
import dev.parley.protocol.ErrorCode;
import dev.parley.protocol.RoomName;
import dev.parley.protocol.ServerFrame;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;

/**
 * The rooms of this instance, and the only way into them: every join, publish and read is put to
 * {@link RoomPolicies} here.
 *
 * <p>What takes a {@link Participant} or {@link Membership} is called on its lane and answers
 * there; a refusal that is known at once is returned. What takes an {@link Identity} alone may be
 * called from any thread.
 */
@Service
public class Rooms {
  private final Lanes lanes;
  private final Broker broker;
  private final RoomPolicies policies;
  private final Budgets budgets;
  private final RoomMetrics metrics;
  private final RoomAllowance allowance;
  private final Duration presenceGrace;
  private final EntryFactory entries;
  private final OpenRooms open;
  private final RoomOperations operations;
  private final List<LatencyMeter> latencies = new ArrayList<>();
  private final ReplayMemory replay;
  private final List<RecentTotal> recents = new ArrayList<>();
  private final List<ReplayTurns> turns = new ArrayList<>();
  private volatile boolean keepsAbsentUsers;

  Rooms(
      Lanes lanes,
      Broker broker,
      RoomPolicies policies,
      RoomMetrics metrics,
      RoomAllowance allowance,
      PresenceProperties presence,
      Budgets budgets) {
    this.lanes = lanes;
    this.broker = broker;
    this.policies = policies;
    this.budgets = budgets;
    this.metrics = metrics;
    this.presenceGrace = presence.grace();
    this.allowance = allowance;
    this.entries = new EntryFactory(broker);
    this.open =
        new OpenRooms(lanes, allowance, (name, home, opener) -> new Room(this, name, home, opener));
    this.operations = new RoomOperations(lanes, open);
    metrics.countRooms(open::count);
    metrics.watch(broker::isAvailable);
    Budget budget = budgets.of(BudgetKind.REPLAY);
    replay = new ReplayMemory(budget);
    for (Lane lane : lanes.all()) {
      latencies.add(metrics.latency(lane));
      recents.add(new RecentTotal(budget, lanes.size()));
      turns.add(new ReplayTurns());
      lane.beforeWrites(() -> broker.flush(lane));
    }
  }

  public boolean mayJoin(Identity identity, RoomName room) {
    return policies.allows(identity, room, Permission.JOIN);
  }

  /**
   * Where the room is now, to join from there later. From any thread.
   *
   * @param asking who answers for the room if it has to be opened
   */
  public CompletableFuture<RoomPosition> position(RoomName room, Account asking) {
    CompletableFuture<RoomPosition> answer = new CompletableFuture<>();
    open.inRoom(
        room,
        asking,
        there ->
            there.position(position ->
                answer.complete(
                    position == null
                        ? new RoomPosition.Unavailable()
                        : new RoomPosition.Known(position))),
        retryAfterMs -> answer.complete(new RoomPosition.TooManyRooms(retryAfterMs)));
    return answer;
  }

  /** Answers through the participant, unless it is refused here. */
  public @Nullable ErrorCode join(Membership membership, Joining joining) {
    if (!mayJoin(membership.participant().identity(), membership.room())) {
      metrics.joinForbidden();
      return ErrorCode.FORBIDDEN;
    }
    admit(membership, joining);
    return null;
  }

  /** Joins by an operator's word: the policies are not asked. Answers through the participant. */
  public void admit(Membership membership, Joining joining) {
    Participant participant = membership.participant();
    RoomName name = membership.room();
    open.inRoom(
        name,
        participant.account(),
        room -> room.join(membership, joining),
        retryAfterMs ->
            participant
                .outbound()
                .lane()
                .run(() ->
                    participant.refused(
                        name, joining.ref(), ErrorCode.TOO_MANY_ROOMS, retryAfterMs)));
  }

  /**
   * @param ended the connection ended: its user may be back within the grace time before the room
   *     is told
   */
  public void leave(Membership membership, boolean ended) {
    membership.left = true;
    if (membership.local != null) {
      membership.local.leave(membership);
    }
    // A join that is refused here opened nothing, nor must its leaving.
    open.ifOpen(membership.room(), room -> room.leave(membership, ended));
  }

  /**
   * @param answer called on the participant's lane
   */
  public @Nullable ErrorCode publish(
      Participant participant,
      boolean member,
      ClientFrame.Message message,
      Consumer<Outcome> answer) {
    ErrorCode refused = refusal(participant, member, message.room());
    if (refused != null) {
      return refused;
    }
    Lane lane = participant.outbound().lane();
    Account sender = participant.account();
    Entry entry =
        entries.message(
            message, participant.identity(), participant.displayName(), participant.id());
    Consumer<Outcome> answered =
        outcome -> {
          metrics.published(outcome);
          lane.run(() -> answer.accept(outcome));
        };
    open.inRoom(
        message.room(),
        sender,
        room -> room.publish(entry, sender, answered),
        retryAfterMs -> answered.accept(notOpened(retryAfterMs)));
    return null;
  }

  /** Not stored, and not confirmed. */
  public @Nullable ErrorCode signal(
      Participant participant, boolean member, ClientFrame.Signal signal) {
    ErrorCode refused = refusal(participant, member, signal.room());
    if (refused != null) {
      return refused;
    }
    Entry entry =
        entries.signal(signal, participant.identity(), participant.displayName(), participant.id());
    open.inRoom(
        signal.room(), participant.account(), room -> room.channel().signal(entry), _ -> {});
    return null;
  }

  /** Tells the others, once for as long as it goes on. */
  public @Nullable ErrorCode typing(
      Participant participant, boolean member, ClientFrame.Typing typing) {
    ErrorCode refused = refusal(participant, member, typing.room());
    if (refused == null) {
      open.inRoom(
          typing.room(),
          participant.account(),
          room -> room.typing().typing(participant, typing.active()),
          _ -> {});
    }
    return refused;
  }

  /**
   * @param answer called on the participant's lane, with a history or a failure
   */
  public @Nullable ErrorCode history(
      Participant participant,
      boolean member,
      ClientFrame.History request,
      Consumer<ServerFrame> answer) {
    if (!policies.allows(participant.identity(), request.room(), Permission.HISTORY)) {
      return ErrorCode.FORBIDDEN;
    }
    if (!member) {
      return ErrorCode.NOT_JOINED;
    }
    read(participant.account(), request, participant.outbound().lane()::run, answer);
    return null;
  }

  /**
   * Publishes for somebody without a connection; answers an ack or a failure.
   *
   * @param address where a guest comes from: it counts for what it makes the instance hold
   */
  public CompletableFuture<ServerFrame> publish(
      Identity identity, String address, ClientFrame.Message message) {
    if (!policies.allows(identity, message.room(), Permission.PUBLISH)) {
      return CompletableFuture.completedFuture(forbidden(message.ref(), message.room()));
    }
    CompletableFuture<ServerFrame> answer = new CompletableFuture<>();
    Entry entry = entries.message(message, identity, identity.displayName(), 0);
    Account sender = allowance.account(identity, address);
    open.inRoom(
        message.room(),
        sender,
        room ->
            room.publish(
                entry,
                sender,
                outcome -> {
                  metrics.published(outcome);
                  answer.complete(answer(message, outcome));
                }),
        retryAfterMs -> answer.complete(answer(message, notOpened(retryAfterMs))));
    return closing(sender, answer);
  }

  /**
   * Reads for somebody without a connection; answers a history or a failure.
   *
   * @param address where a guest comes from: it counts for what it makes the instance hold
   */
  public CompletableFuture<ServerFrame> history(
      Identity identity, String address, ClientFrame.History request) {
    if (!policies.allows(identity, request.room(), Permission.HISTORY)) {
      return CompletableFuture.completedFuture(forbidden(request.ref(), request.room()));
    }
    CompletableFuture<ServerFrame> answer = new CompletableFuture<>();
    Account asking = allowance.account(identity, address);
    read(asking, request, Runnable::run, answer::complete);
    return closing(asking, answer);
  }

  /** Whatever is taken for the request is taken before it is answered. */
  private static CompletableFuture<ServerFrame> closing(
      Account account, CompletableFuture<ServerFrame> answer) {
    return answer.whenComplete((_, _) -> account.close());
  }

  /**
   * Removes a message's content, on all instances, for good; its offset stays. For operators: the
   * policies are not asked.
   */
  public CompletableFuture<Deletion> delete(RoomName room, long offset) {
    return operations.delete(room, offset);
  }

  /**
   * Sends everybody on this instance out of the room: {@code left} with reason {@code closed}, a
   * connection that is nothing but this room is closed. Answers how many connections it was.
   */
  public CompletableFuture<Integer> closeRoom(RoomName room) {
    return operations.close(room);
  }

  /** The room as it is on this instance; null where it is not open. */
  public CompletableFuture<@Nullable RoomView> view(RoomName room) {
    return operations.view(room);
  }

  /**
   * The rooms that are open on this instance in order of their names.
   *
   * @param after only those behind this name; all where it is null
   * @param limit at least 1
   */
  public CompletableFuture<List<RoomView>> list(@Nullable RoomName after, int limit) {
    return operations.list(after, limit);
  }

  /**
   * Who is in the room, on all instances, in order of the users' ids. Fails with {@link
   * UnavailableException} where the broker does not answer in time.
   *
   * @param after {@link MembersPage#next} of the page before, null for the first; anything else is
   *     read as the id behind which to begin, or as null where it is none
   * @param limit at least 1
   */
  public CompletableFuture<MembersPage> members(RoomName room, @Nullable String after, int limit) {
    return operations.members(room, after, limit);
  }

  /** The frame that tells what became of a message. */
  public static ServerFrame answer(ClientFrame.Message message, Outcome outcome) {
    return switch (outcome) {
      case Outcome.Accepted accepted ->
          new ServerFrame.Ack(
              message.ref(),
              message.id(),
              message.room(),
              accepted.offset(),
              accepted.epoch(),
              accepted.timestamp(),
              accepted.duplicate());
      case Outcome.Refused refused ->
          new ServerFrame.Failure(
              message.ref(),
              message.id(),
              message.room(),
              refused.code(),
              null,
              refused.retryAfterMs());
    };
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
   * From now on a user whose last connection here ended stays in the rooms until {@link #leaveAll}:
   * all of them are being sent to other instances.
   */
  public void keepAbsentUsers() {
    keepsAbsentUsers = true;
  }

  boolean keepsAbsentUsers() {
    return keepsAbsentUsers;
  }

  /**
   * Takes the users of this instance out of all rooms; done when every lane has said so to the
   * broker.
   */
  public CompletableFuture<Void> leaveAll() {
    keepsAbsentUsers = false;
    return open.forEach(room -> room.presence().exitAll());
  }

  Broker broker() {
    return broker;
  }

  Lanes lanes() {
    return lanes;
  }

  Budgets budgets() {
    return budgets;
  }

  RoomMetrics metrics() {
    return metrics;
  }

  Duration presenceGrace() {
    return presenceGrace;
  }

  ReplayMemory replay() {
    return replay;
  }

  RecentTotal recents(Lane lane) {
    return recents.get(lane.index());
  }

  ReplayTurns turns(Lane lane) {
    return turns.get(lane.index());
  }

  LatencyMeter latency(Lane lane) {
    return latencies.get(lane.index());
  }

  private @Nullable ErrorCode refusal(Participant participant, boolean member, RoomName room) {
    if (!policies.allows(participant.identity(), room, Permission.PUBLISH)) {
      return ErrorCode.FORBIDDEN;
    }
    return member || policies.publishWithoutJoin(room) ? null : ErrorCode.NOT_JOINED;
  }

  /**
   * @param there runs the answer
   */
  private void read(
      Account asking, ClientFrame.History request, Executor there, Consumer<ServerFrame> answer) {
    open.inRoom(
        request.room(),
        asking,
        room -> room.histories().read(request, asking, there, answer),
        retryAfterMs ->
            there.execute(() ->
                answer.accept(
                    new ServerFrame.Failure(
                        request.ref(),
                        null,
                        request.room(),
                        ErrorCode.TOO_MANY_ROOMS,
                        null,
                        retryAfterMs))));
  }

  private static Outcome notOpened(long retryAfterMs) {
    return new Outcome.Refused(ErrorCode.TOO_MANY_ROOMS, retryAfterMs);
  }

  private static ServerFrame forbidden(@Nullable String ref, RoomName room) {
    return new ServerFrame.Failure(ref, null, room, ErrorCode.FORBIDDEN, null, null);
  }
}
