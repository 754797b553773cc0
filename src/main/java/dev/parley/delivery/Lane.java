package dev.parley.delivery;

import dev.parley.budget.Budget;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongConsumer;
import org.jctools.queues.atomic.MpscUnboundedAtomicArrayQueue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A single-threaded executor that owns connections and rooms: whatever they hold is touched from
 * their lane only, so that no message on its way takes a lock.
 *
 * <p>Work is done in turns: a turn runs the tasks that are queued, then the {@link #beforeWrites
 * hooks}, then writes what became due to its {@link Outbound}s. Everything that is due to one of
 * them in a turn leaves in one write, so the cost of a message falls as load rises. A turn is
 * bounded in tasks and writes and asks for another one if more is left.
 *
 * <p>{@link #execute}, {@link #run} and {@link #schedule} may be called from any thread; everything
 * else is called on the lane. Nothing that may block runs here.
 */
public abstract class Lane implements Executor {

  /*
   * A lane is an event loop in turns, as Netty's SingleThreadEventExecutor is one, but it has no
   * thread of its own: the owner (a Jetty selector, see SelectorLane) calls turn() when asked.
   *
   *   read, read, …  │ tasks (≤ 4,096) │ beforeWrites │ writes (≤ 2,000) │ afterWrites │ nextTurn
   *   enter()        └──────────────────────────── turn() ────────────────────────────┘
   *
   * Why writes come last: a write system call costs more than all the rest of a message's way. What
   * reads and tasks make due to a connection is therefore gathered, and leaves in one write. The
   * busier the lane, the more messages share a write. That is why there is no delay to tune, as
   * Nagle's algorithm (RFC 896) and batching by time have.
   *
   * Waking. "scheduled" is true from the request of a turn until that turn begins, and is cleared
   * before the first task is polled. So a task that is offered while the turn runs is either polled
   * by it, or finds the flag clear and asks for the next turn. If the flag were cleared at the end,
   * a task that is offered between the last poll and the clearing would wait for an event that may
   * never come. wake() reads the flag before it tries to set it, because most calls find it set, and
   * a failed compareAndSet would take the cache line away from all other threads that offer tasks.
   *
   * Bounds. A turn that has reached a limit requests another one and returns, so that the selector
   * reads in between. Nothing else limits the queue: the sources do (unanswered publishes of a
   * connection, the budget of the bus), because a task that is dropped here would be an ack or a
   * member's departure.
   *
   * afterFlush() has a queue of its own, since it promises that what is due now is written first:
   * "tasks" may still be served in this turn. Its tasks are queued only after the flush.
   *
   * "owner" is saved and restored, because enter() may come within a turn, and is volatile, because
   * inLane() is asked by other threads. They can only see a thread that is not theirs.
   */

  private static final Logger log = LoggerFactory.getLogger(Lane.class);
  private static final int TASKS_PER_TURN = 4_096;
  private static final int WRITES_PER_TURN = 2_000;

  private final int index;
  private final ScheduledExecutorService timer;
  private final MpscUnboundedAtomicArrayQueue<Runnable> tasks =
      new MpscUnboundedAtomicArrayQueue<>(256);
  private final ArrayDeque<Runnable> nextTurn = new ArrayDeque<>();
  private final AtomicBoolean scheduled = new AtomicBoolean();
  private final List<Runnable> beforeWrites = new ArrayList<>();
  private final List<Runnable> afterWrites = new ArrayList<>();
  private final Flusher flusher;
  private LongConsumer turnTime = nanos -> {};

  /**
   * The thread that runs the lane now. Jetty may move production between threads, so it is set on
   * each entry.
   */
  private volatile @Nullable Thread owner;

  protected Lane(int index, Budget total, ScheduledExecutorService timer) {
    this.index = index;
    this.timer = timer;
    this.flusher = new Flusher(total);
  }

  /**
   * Asks for one call of {@link #turn} soon, by the thread that owns this lane. Called from any
   * thread.
   */
  protected abstract void requestTurn();

  public final int index() {
    return index;
  }

  @Override
  public final void execute(Runnable task) {
    tasks.offer(task);
    wake();
  }

  /** Runs the task now if the caller is on this lane already, else queues it. */
  public final void run(Runnable task) {
    if (inLane()) {
      task.run();
    } else {
      execute(task);
    }
  }

  /**
   * Queues the task for the turn that follows the next flush: what is due by now is written first.
   */
  public final void afterFlush(Runnable task) {
    assert inLane();
    nextTurn.add(task);
  }

  /** Queues the task after a delay. */
  public final void schedule(Runnable task, Duration delay) {
    var ignored = timer.schedule(() -> execute(task), delay.toNanos(), TimeUnit.NANOSECONDS);
  }

  public final boolean inLane() {
    return owner == Thread.currentThread();
  }

  /**
   * Runs at the end of every turn, before what is due is written. Registered before the lane's
   * first turn.
   */
  public final void beforeWrites(Runnable hook) {
    beforeWrites.add(hook);
  }

  /**
   * Runs at the end of a turn when all that was due is written. Registered before the lane's first
   * turn.
   */
  public final void afterWrites(Runnable hook) {
    afterWrites.add(hook);
  }

  /**
   * Runs the action as this lane, outside a turn: the way in for reads, which Jetty starts on the
   * lane's thread.
   */
  public final void enter(Runnable action) {
    Thread before = owner;
    owner = Thread.currentThread();
    try {
      action.run();
    } finally {
      owner = before;
    }
    wake();
  }

  /** Is told of each turn how many nanoseconds it took. Registered before the lane's first turn. */
  final void measureTurns(LongConsumer nanos) {
    turnTime = nanos;
  }

  /** Tasks that wait for their turn; from any thread. */
  public final int queued() {
    return tasks.size();
  }

  protected final void turn() {
    scheduled.set(false);
    long begun = System.nanoTime();
    Thread before = owner;
    owner = Thread.currentThread();
    boolean more;
    try {
      Runnable task = null;
      for (int i = 0; i < TASKS_PER_TURN && (task = tasks.poll()) != null; i++) {
        attempt(task);
      }
      attemptAll(beforeWrites);
      more = flusher.flush(WRITES_PER_TURN);
      if (!more) {
        attemptAll(afterWrites);
      }
      tasks.addAll(nextTurn);
      nextTurn.clear();
      turnTime.accept(System.nanoTime() - begun);
    } finally {
      owner = before;
    }
    if (more || !tasks.isEmpty()) {
      wake();
    }
  }

  public final LaneCounters counters() {
    return flusher.counters();
  }

  Flusher flusher() {
    return flusher;
  }

  private void wake() {
    if (!scheduled.get() && scheduled.compareAndSet(false, true)) {
      requestTurn();
    }
  }

  private static void attemptAll(List<Runnable> hooks) {
    for (int i = 0; i < hooks.size(); i++) {
      attempt(hooks.get(i));
    }
  }

  /**
   * Runs the task; what it throws is logged and goes no further, since it must not cost those their
   * turn whose tasks follow. From any thread.
   *
   * @return whether the task came to its end
   */
  public static boolean attempt(Runnable task) {
    try {
      task.run();
      return true;
    } catch (RuntimeException | Error fault) {
      failed(fault);
      return false;
    }
  }

  /** As {@link #attempt}, for a loop that has caught the fault of one of many itself. */
  public static void failed(Throwable fault) {
    log.error("Task failed on its lane", fault);
  }
}
