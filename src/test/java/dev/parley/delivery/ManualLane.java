package dev.parley.delivery;

import dev.parley.budget.Budget;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A lane whose turns are run by the test's thread, and whose time passes when the test says so. */
public final class ManualLane extends Lane {
  private final Time time;
  private boolean requested;

  public ManualLane(int index, Budget total, Time time) {
    super(index, total, time);
    this.time = time;
  }

  public ManualLane(Budget total) {
    this(0, total, new Time());
  }

  @Override
  protected void requestTurn() {
    requested = true;
  }

  /** One turn, where one was asked for; whether there was. */
  public boolean step() {
    if (!requested) {
      return false;
    }
    requested = false;
    turn();
    return true;
  }

  /** Turns until there is nothing more to do. */
  public void settle() {
    for (int turns = 0; step(); turns++) {
      if (turns > 100_000) {
        throw new AssertionError("the lane does not come to rest");
      }
    }
  }

  /** Runs this on the lane, and what follows from it. */
  public void on(Runnable action) {
    enter(action);
    settle();
  }

  /** Lets time pass for everybody who shares this lane's clock; runs what is due on this lane. */
  public void pass(Duration duration) {
    time.pass(duration);
    settle();
  }

  /** A timer whose tasks become due when the test lets time pass. */
  public static final class Time extends ScheduledThreadPoolExecutor {
    private final List<Due> due = new ArrayList<>();
    private long now;

    private record Due(long at, Runnable task) {}

    public Time() {
      super(0);
    }

    @Override
    public ScheduledFuture<?> schedule(Runnable command, long delay, TimeUnit unit) {
      due.add(new Due(now + unit.toNanos(delay), command));
      return new Never();
    }

    void pass(Duration duration) {
      now += duration.toNanos();
      List<Due> ready = due.stream().filter(each -> each.at <= now).toList();
      due.removeAll(ready);
      ready.stream().sorted(Comparator.comparingLong(Due::at)).forEach(each -> each.task.run());
    }
  }

  /** Nobody cancels or asks for a lane's timers. */
  private static final class Never implements ScheduledFuture<@Nullable Void> {

    @Override
    public long getDelay(TimeUnit unit) {
      return 0;
    }

    @Override
    public int compareTo(java.util.concurrent.Delayed other) {
      return 0;
    }

    @Override
    public boolean cancel(boolean mayInterrupt) {
      throw new UnsupportedOperationException();
    }

    @Override
    public boolean isCancelled() {
      return false;
    }

    @Override
    public boolean isDone() {
      return false;
    }

    @Override
    public @Nullable Void get() {
      throw new UnsupportedOperationException();
    }

    @Override
    public @Nullable Void get(long timeout, TimeUnit unit) {
      throw new UnsupportedOperationException();
    }
  }
}
