package dev.parley.broker;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A home executor like a lane: one thread, and the broker's flush at the end of each turn. */
public final class TestHome implements Executor, AutoCloseable {
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().name("home").factory());
  private final Broker broker;

  public TestHome(Broker broker) {
    this.broker = broker;
  }

  @Override
  public void execute(Runnable task) {
    if (!thread.isShutdown()) {
      thread.execute(() -> {
        task.run();
        broker.flush(this);
      });
    }
  }

  /** Runs a task on the home and waits for its end. */
  public void run(Runnable task) {
    call(() -> {
      task.run();
      return 0;
    });
  }

  /** Calls on the home and waits for the result. */
  public <T> T call(Callable<T> task) {
    FutureTask<T> future = new FutureTask<>(task);
    execute(future);
    try {
      return future.get(10, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
