package dev.parley.room;

import dev.parley.access.RoomPolicies;
import dev.parley.broker.Broker;
import dev.parley.budget.Account;
import dev.parley.budget.Budget;
import dev.parley.budget.BudgetKind;
import dev.parley.budget.Budgets;
import dev.parley.delivery.Lane;
import dev.parley.delivery.Lanes;
import dev.parley.protocol.RoomName;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;

/** Puts a room together from what it shares with the other rooms of the instance. */
final class RoomFactory implements OpenRooms.Factory {
  private final Broker broker;
  private final RoomPolicies policies;
  private final RoomChannels channels;
  private final RoomMetrics metrics;
  private final Duration presenceGrace;
  private final Duration receiptsWindow;
  private final BooleanSupplier keepsAbsentUsers;
  private final ReplayMemory replay;
  private final Budget bus;

  /** By the index of the lane. */
  private final List<LaneShared> shared;

  /**
   * What all rooms with members on one lane share there.
   *
   * @param recent the total of what is kept for members that catch up
   * @param turns of the members that catch up
   */
  record LaneShared(Lane lane, LatencyMeter latency, RecentTotal recent, ReplayTurns turns) {}

  /**
   * @param keepsAbsentUsers whether a user whose last connection ended stays in its rooms
   */
  RoomFactory(
      Lanes lanes,
      Broker broker,
      RoomChannels channels,
      RoomPolicies policies,
      Budgets budgets,
      RoomMetrics metrics,
      Duration presenceGrace,
      Duration receiptsWindow,
      BooleanSupplier keepsAbsentUsers) {
    this.broker = broker;
    this.policies = policies;
    this.channels = channels;
    this.metrics = metrics;
    this.presenceGrace = presenceGrace;
    this.receiptsWindow = receiptsWindow;
    this.keepsAbsentUsers = keepsAbsentUsers;
    Budget budget = budgets.of(BudgetKind.REPLAY);
    replay = new ReplayMemory(budget);
    bus = budgets.of(BudgetKind.BUS);
    shared =
        lanes.all().stream()
            .map(lane ->
                new LaneShared(
                    lane,
                    metrics.latency(lane),
                    new RecentTotal(budget, lanes.size()),
                    new ReplayTurns()))
            .toList();
  }

  @Override
  public Room open(RoomName name, Lane lane, Account opener) {
    RoomHome home = new RoomHome(name, lane, channels.open(name, lane));
    long incarnation = broker.incarnation();
    Cursor cursor = new Cursor();
    Deletions deletions = new Deletions();
    RoomSize size = new RoomSize();
    Pages pages = new Pages(home, cursor, deletions, replay);
    MembersByLane members =
        new MembersByLane(
            shared.size(),
            bus,
            index -> new LaneMembers(home, pages, size, shared.get(index), replay, incarnation));
    RoomPresence presence =
        new RoomPresence(
            home, size, members::tell, policies.of(name), presenceGrace, keepsAbsentUsers);
    RoomTyping typing = new RoomTyping(home, incarnation);
    TypingUsers typists = new TypingUsers(home, members);
    RoomReads reads = new RoomReads(home, members, receiptsWindow);
    JoiningReads joiningReads = new JoiningReads(home, broker::isAvailable, reads);
    RoomFeed feed =
        new RoomFeed(
            home, cursor, deletions, pages, presence, typists, reads, members, bus, metrics);
    Histories histories = new Histories(home, deletions, replay);
    return new Room(
        home,
        opener,
        cursor,
        feed,
        members,
        presence,
        typing,
        reads,
        joiningReads,
        histories,
        metrics);
  }
}
