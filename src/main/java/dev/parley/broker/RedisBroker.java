package dev.parley.broker;

import dev.parley.budget.Budget;
import dev.parley.budget.BudgetKind;
import dev.parley.budget.Budgets;
import dev.parley.protocol.RoomName;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;

/**
 * The broker of any number of instances that share a Redis (6.2 or later). It connects in the
 * background and for ever, so the service starts and stays without Redis. A home executor gets a
 * publishing connection of its own and keeps it until {@link #close}: homes are few and live as
 * long as the broker. A thread of its own opens connections and keeps the deadlines; it never
 * blocks.
 *
 * <p>What Redis keeps is written at {@link RedisKeys}, what it carries at {@link Payload}.
 */
public final class RedisBroker implements Broker, AutoCloseable {
  private static final long TICK_MS = 100;

  /** In as many turns every open room is refreshed once: 3 minutes, of the 10 that it may live. */
  static final int REFRESH_TURNS = 18;

  private static final long REFRESH_SECONDS = 10;

  private final long incarnation = ThreadLocalRandom.current().nextLong();
  private final ScheduledThreadPoolExecutor scheduler =
      new ScheduledThreadPoolExecutor(
          1, Thread.ofPlatform().daemon().name("parley-redis").factory());
  private final RedisServer server;
  private final Budgets budgets;
  private final RedisMetrics metrics;
  private final RefusalLog refusals = new RefusalLog();
  private final Primary primary;
  private final Budget budget;
  private final Backlog backlog;
  private final RedisCommands commands;
  private final RedisBus bus;
  private final RedisControl control;
  private final ConcurrentHashMap<Executor, RedisPublisher> publishers = new ConcurrentHashMap<>();
  private final List<Runnable> availability = new CopyOnWriteArrayList<>();
  private final AtomicBoolean available = new AtomicBoolean();
  private final Pulse pulse = new Pulse();
  private int refreshTurn;

  /**
   * @param server closed with the broker
   */
  RedisBroker(
      RedisServer server, HistoryProperties history, Budgets budgets, MeterRegistry registry) {
    this.server = server;
    this.budgets = budgets;
    this.budget = budgets.of(BudgetKind.PUBLISH);
    this.backlog = new Backlog(budget);
    this.metrics = new RedisMetrics(registry);
    this.primary = new Primary(history, metrics::generationChanged);
    this.commands =
        new RedisCommands(server, scheduler, primary, this::stateChanged, this::suspectAll);
    ControlListener listener = new ControlListener();
    this.control = new RedisControl(commands, listener);
    this.bus = new RedisBus(server, scheduler, RedisKeys.pulse(incarnation), pulse, listener);
    scheduler.setRemoveOnCancelPolicy(true);
    commands.open();
    bus.open();
    every(TICK_MS, TimeUnit.MILLISECONDS, this::tick);
    every(1, TimeUnit.SECONDS, this::pulse);
    every(REFRESH_SECONDS, TimeUnit.SECONDS, this::refresh);
    every(1, TimeUnit.MINUTES, commands::checkMemory);
  }

  /** A fault must not be the last time: what throws is not scheduled again. */
  private void every(long delay, TimeUnit unit, Runnable task) {
    var _ = scheduler.scheduleWithFixedDelay(() -> Callbacks.run(task), delay, delay, unit);
  }

  @Override
  public RoomChannel channel(RoomName room, Executor home) {
    return new RedisChannel(room, publisher(home), this);
  }

  private RedisPublisher publisher(Executor home) {
    return publishers.computeIfAbsent(
        home,
        absent ->
            new RedisPublisher(
                absent, server, scheduler, primary, metrics, refusals, budget, this::stateChanged));
  }

  @Override
  public long incarnation() {
    return incarnation;
  }

  @Override
  public void flush(Executor home) {
    RedisPublisher publisher = publishers.get(home);
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

  /** Whether Redis has been reached since the start, be it lost again. */
  boolean wasReached() {
    return commands.wasReached();
  }

  /** Whether Redis keeps what it is given, rather than evict it under pressure. */
  boolean isKeeping() {
    return primary.policy().equals(Primary.NO_EVICTION);
  }

  Primary primary() {
    return primary;
  }

  RedisCommands commands() {
    return commands;
  }

  RedisBus bus() {
    return bus;
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
    publishers.values().forEach(RedisPublisher::tick);
  }

  private void pulse() {
    long now = System.nanoTime();
    commands.pulse(now, RedisKeys.pulse(incarnation), pulse);
    publishers.values().forEach(RedisPublisher::check);
    bus.checkSilence(now);
  }

  /** Refreshes the rooms whose turn it is; called by the scheduler alone, and by tests. */
  void refresh() {
    refreshTurn = (refreshTurn + 1) % REFRESH_TURNS;
    for (RedisSubscription subscription : bus.subscriptions()) {
      if (Math.floorMod(subscription.channel().hashCode(), REFRESH_TURNS) == refreshTurn) {
        subscription.refresh();
      }
    }
  }

  private void suspectAll() {
    bus.subscriptions().forEach(RedisSubscription::suspect);
  }

  private void stateChanged() {
    boolean up = commands.isUp() && publishers.values().stream().noneMatch(RedisPublisher::isDown);
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
    var _ = commands.idle().completeOnTimeout(null, 1, TimeUnit.SECONDS).join();
    Stream.concat(
            Stream.of(commands.close(), bus.close()),
            publishers.values().stream().map(RedisPublisher::close))
        .map(CompletionStage::toCompletableFuture)
        .toList()
        .forEach(closing -> closing.completeOnTimeout(null, 2, TimeUnit.SECONDS).join());
    scheduler.shutdownNow();
    server.close();
  }
}
