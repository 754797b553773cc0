package dev.parley.broker.redis;

import dev.parley.broker.Broker;
import dev.parley.broker.Callbacks;
import dev.parley.broker.ControlBus;
import dev.parley.broker.ControlListener;
import dev.parley.broker.PresenceProperties;
import dev.parley.broker.Retention;
import dev.parley.broker.RoomChannel;
import dev.parley.budget.Budget;
import dev.parley.budget.BudgetKind;
import dev.parley.budget.Budgets;
import dev.parley.protocol.RoomName;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The broker of any number of instances that share a Redis (6.2 or later). It connects in the
 * background and never gives up, so the service starts, and keeps running, without Redis. Each home
 * executor gets its own publishing connection, which is kept until {@link #close}: there are few of
 * them, and they live as long as the broker. A thread of the broker's own opens connections and
 * checks deadlines; it never blocks.
 *
 * <p>{@link RoomKeys} describes what Redis stores, and {@link Payload} what it distributes.
 */
public final class RedisBroker implements Broker, AutoCloseable {
  private static final long TICK_MS = 100;

  /** In as many turns every open room is refreshed once: 3 minutes, of the 10 that it may live. */
  static final int REFRESH_TURNS = 18;

  private static final long REFRESH_SECONDS = 10;

  /** So often it is a room's turn within a day. */
  static final long REFRESHES_A_DAY =
      TimeUnit.DAYS.toSeconds(1) / (REFRESH_TURNS * REFRESH_SECONDS);

  /** So often that an eviction policy is repeated in the log, and noticed when it is mended. */
  private static final long MEMORY_SECONDS = 10;

  private final long incarnation = ThreadLocalRandom.current().nextLong();
  private final ScheduledThreadPoolExecutor scheduler =
      new ScheduledThreadPoolExecutor(
          1, Thread.ofPlatform().daemon().name("parley-redis").factory());
  private final RedisServer server;
  private final Budgets budgets;
  private final RedisMetrics metrics;
  private final RedisAlarm alarm;
  private final RefusalLog refusals;
  private final PrimaryState primary;
  private final Budget budget;
  private final Backlog backlog;
  private final CommandConnection commands;
  private final Bus bus;
  private final Control control;
  private final OccupiedRooms occupiedRooms = new OccupiedRooms();
  private final Leases leases;
  private final ConcurrentHashMap<Executor, Publisher> publishers = new ConcurrentHashMap<>();
  private final List<Runnable> availability = new CopyOnWriteArrayList<>();
  private final AtomicBoolean available = new AtomicBoolean();
  private final PubSubHeartbeat heartbeat = new PubSubHeartbeat();
  private int refreshTurn;

  /**
   * @param server closed with the broker
   */
  public RedisBroker(
      RedisServer server, PresenceProperties presence, Budgets budgets, MeterRegistry registry) {
    this.server = server;
    this.alarm = new RedisAlarm(server.address());
    this.refusals = new RefusalLog(alarm);
    this.budgets = budgets;
    this.budget = budgets.of(BudgetKind.PUBLISH);
    this.backlog = new Backlog(budget);
    this.metrics = new RedisMetrics(registry);
    this.primary = new PrimaryState(metrics::generationChanged);
    this.commands =
        new CommandConnection(
            server, scheduler, primary, alarm, this::stateChanged, this::reconnected);
    this.leases =
        new Leases(
            Incarnation.of(incarnation),
            new RedisInstanceRecords(commands),
            scheduler,
            System::nanoTime,
            presence.grace().toNanos(),
            occupiedRooms::enterAgain,
            metrics);
    ControlListener listener = new ControlListener();
    this.control = new Control(commands, listener);
    this.bus =
        new Bus(server, scheduler, RoomKeys.heartbeat(incarnation), heartbeat, listener, alarm);
    scheduler.setRemoveOnCancelPolicy(true);
    commands.open();
    bus.open();
    every(TICK_MS, TimeUnit.MILLISECONDS, this::tick);
    every(LeaseWatcher.POLL_NANOS, TimeUnit.NANOSECONDS, leases::tick);
    every(1, TimeUnit.SECONDS, this::heartbeat);
    every(REFRESH_SECONDS, TimeUnit.SECONDS, this::refresh);
    every(MEMORY_SECONDS, TimeUnit.SECONDS, commands::checkMemory);
  }

  /** A fault must not be the last time: what throws is not scheduled again. */
  private void every(long delay, TimeUnit unit, Runnable task) {
    var _ = scheduler.scheduleWithFixedDelay(() -> Callbacks.run(task), delay, delay, unit);
  }

  @Override
  public RoomChannel channel(RoomName room, Retention retention, Executor home) {
    return new Channel(RoomKeys.of(room, retention), publisher(home), this);
  }

  private Publisher publisher(Executor home) {
    return publishers.computeIfAbsent(
        home,
        absent ->
            new Publisher(
                absent,
                server,
                scheduler,
                primary,
                metrics,
                refusals,
                alarm,
                budget,
                this::stateChanged));
  }

  @Override
  public long incarnation() {
    return incarnation;
  }

  @Override
  public void flush(Executor home) {
    Publisher publisher = publishers.get(home);
    if (publisher != null) {
      publisher.flush();
    }
  }

  @Override
  public ControlBus control() {
    return control;
  }

  @Override
  public boolean isAvailable() {
    return available.get();
  }

  @Override
  public void onAvailability(Runnable listener) {
    availability.add(listener);
  }

  /**
   * Why this instance is not ready: Redis was not reached since the start, or may evict keys, since
   * nobody would notice that a room's ids are forgotten. Null if it is ready. An outage does not
   * count once Redis was reached: connections are better kept here than driven from one instance to
   * the next.
   */
  @Nullable String unmet() {
    if (commands.wasReached() && primary.isKeeping()) {
      return null;
    }
    List<String> known = alarm.sentences();
    return known.isEmpty()
        ? "Redis at " + alarm.address() + " has not answered yet."
        : String.join(" ", known);
  }

  /** What is wrong with Redis at present; empty if nothing is. */
  List<String> problems() {
    return alarm.sentences();
  }

  PrimaryState primary() {
    return primary;
  }

  CommandConnection commands() {
    return commands;
  }

  Bus bus() {
    return bus;
  }

  Leases leases() {
    return leases;
  }

  OccupiedRooms occupiedRooms() {
    return occupiedRooms;
  }

  Budgets budgets() {
    return budgets;
  }

  Backlog backlog() {
    return backlog;
  }

  void inFiveSeconds(Runnable task) {
    try {
      var _ = scheduler.schedule(task, 5, TimeUnit.SECONDS);
    } catch (RejectedExecutionException closed) {
      task.run();
    }
  }

  private void tick() {
    commands.tick(System.nanoTime());
    publishers.values().forEach(Publisher::tick);
  }

  private void heartbeat() {
    long now = System.nanoTime();
    commands.heartbeat(now, RoomKeys.heartbeat(incarnation), heartbeat);
    publishers.values().forEach(Publisher::check);
    bus.checkSilence(now);
    refusals.check(now);
  }

  /** Refreshes the rooms whose turn it is; called by the scheduler alone, and by tests. */
  void refresh() {
    refreshTurn = (refreshTurn + 1) % REFRESH_TURNS;
    for (Subscription subscription : bus.subscriptions()) {
      if (Math.floorMod(subscription.channel().hashCode(), REFRESH_TURNS) == refreshTurn) {
        subscription.refresh();
      }
    }
  }

  private void reconnected(boolean moved) {
    leases.connected(moved);
    if (moved) {
      bus.subscriptions().forEach(Subscription::suspect);
    }
  }

  private void stateChanged() {
    boolean up = commands.isUp() && publishers.values().stream().noneMatch(Publisher::isDown);
    if (available.getAndSet(up) != up) {
      availability.forEach(Callbacks::run);
    }
  }

  /**
   * Ends every connection, at most a second after Redis was told who left; what is unanswered then
   * stays so.
   */
  @Override
  public void close() {
    CompletableFuture<?> told =
        commands.isUp() ? occupiedRooms.settled() : CompletableFuture.completedFuture(null);
    var _ =
        CompletableFuture.allOf(told, commands.idle())
            .completeOnTimeout(null, 1, TimeUnit.SECONDS)
            .join();
    var _ =
        CompletableFuture.supplyAsync(() -> leases.end(occupiedRooms.isEmpty()), scheduler)
            .thenCompose(Function.identity())
            .handle((_, _) -> "ended")
            .completeOnTimeout("late", 1, TimeUnit.SECONDS)
            .join();
    Stream.concat(
            Stream.of(commands.close(), bus.close()),
            publishers.values().stream().map(Publisher::close))
        .map(CompletionStage::toCompletableFuture)
        .toList()
        .forEach(closing -> closing.completeOnTimeout(null, 2, TimeUnit.SECONDS).join());
    scheduler.shutdownNow();
    server.close();
  }
}
