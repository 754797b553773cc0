package dev.parley.broker.redis;

import io.lettuce.core.RedisChannelHandler;
import io.lettuce.core.RedisConnectionStateListener;
import io.lettuce.core.api.StatefulConnection;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection that is replaced by a new one whenever it is lost, after a pause that grows from 50
 * ms to 2 s, and is short again once a connection has lasted. Nothing is carried over from one to
 * the next: the owner decides what to do with commands that were sent and not answered. Every
 * connection that was opened is closed, since Lettuce keeps what belongs to a lost one until then.
 * All state belongs to the scheduler's one thread, on which the owner is called.
 */
final class Link<C extends StatefulConnection<String, byte[]>> {

  /*
   * A link is in one of these states. All steps are run by the scheduler's thread, in order.
   *
   *   PAUSED   there is no connection, and the next attempt is scheduled
   *   OPENING  a connection is being opened, or prepared by the owner
   *   UP       the owner uses the connection
   *   CLOSED   for good
   *
   *   PAUSED  -- attempt() -->                                        OPENING
   *   OPENING -- prepare() is answered -->                            UP, and owner.up()
   *   OPENING -- not opened, not prepared within 5 s, or lost -->     PAUSED, and owner.down()
   *   UP      -- lost, or reset() -->                                 PAUSED, and owner.down()
   *   any     -- close() -->                                          CLOSED
   *
   * Each step names the connection that it is about, and does nothing if that is not the current
   * one any more. So events of a connection that was replaced cannot end its successor.
   *
   * Lettuce can reconnect by itself, but then it repeats every command that was not answered, and a
   * publication that Redis had executed would be executed twice. Here nothing is repeated, and the
   * owner decides what is sent again.
   *
   * The pause doubles with each attempt, and half of it is random, so that the instances do not all
   * return at the same moment ("equal jitter" [1]). It becomes short again only after a connection
   * has lasted. Otherwise a server that ends each connection as soon as it is up would be asked for
   * everything twenty times a second.
   *
   * [1] M. Brooker, Exponential Backoff and Jitter, AWS Architecture Blog, 2015
   * docs/ARCHITECTURE.md, "Connections to Redis".
   */

  private static final Logger log = LoggerFactory.getLogger(Link.class);
  private static final long SHORTEST_PAUSE_MS = 50;
  private static final long LONGEST_PAUSE_MS = 2_000;
  private static final long PREPARE_SECONDS = 5;

  /** A connection that ends sooner is as good as one that could not be opened. */
  private static final long LASTING_NANOS = TimeUnit.SECONDS.toNanos(5);

  /** Whom the connection serves. Must not block. */
  interface Owner<C> {
    /** Sends what has to be first on a new connection; not up before it is answered. */
    CompletionStage<?> prepare(C connection);

    void up(C connection);

    /** The connection was lost or could not be opened; may be called repeatedly. */
    void down();
  }

  private final String name;
  private final Supplier<CompletionStage<C>> connect;
  private final ScheduledExecutorService scheduler;
  private final Owner<C> owner;
  private final RedisAlarm alarm;
  private @Nullable C connection;
  private boolean up;
  private long upSince;
  private volatile boolean closed;
  private boolean complained;
  private long pause = SHORTEST_PAUSE_MS;

  /**
   * @param name for the log
   * @param alarm told why no connection can be had
   */
  Link(
      String name,
      Supplier<CompletionStage<C>> connect,
      ScheduledExecutorService scheduler,
      Owner<C> owner,
      RedisAlarm alarm) {
    this.name = name;
    this.connect = connect;
    this.scheduler = scheduler;
    this.owner = owner;
    this.alarm = alarm;
  }

  /** Begins; returns at once. */
  void open() {
    run(this::attempt);
  }

  /**
   * Drops a connection, which has ceased to answer, for a new one; nothing if it is no longer the
   * current one. Any thread.
   */
  void reset(@Nullable C dropped, String reason) {
    run(() -> {
      if (dropped != null && dropped.equals(connection) && dropped.isOpen()) {
        log.warn("Redis connection for {} is dropped: {}", name, reason);
        complained = true;
        lost(dropped);
      }
    });
  }

  /** Closes the connection and opens no other. Any thread. */
  CompletionStage<?> close() {
    CompletableFuture<Object> done = new CompletableFuture<>();
    closed = true;
    run(() -> {
      C last = connection;
      connection = null;
      if (last == null) {
        done.complete(name);
      } else {
        var _ = last.closeAsync().whenComplete((_, _) -> done.complete(name));
      }
    });
    return done;
  }

  private void attempt() {
    if (closed) {
      return;
    }
    try {
      connect
          .get()
          .whenComplete((opened, failure) -> {
            if (!run(() -> opened(opened, failure)) && opened != null) {
              var _ = opened.closeAsync();
            }
          });
    } catch (RuntimeException refused) {
      opened(null, refused);
    }
  }

  private void opened(@Nullable C opened, @Nullable Throwable failure) {
    if (opened == null) {
      failed(failure);
      again();
      return;
    }
    if (closed) {
      var _ = opened.closeAsync();
      return;
    }
    connection = opened;
    opened.addListener(
        new RedisConnectionStateListener() {
          @Override
          public void onRedisDisconnected(RedisChannelHandler<?, ?> disconnected) {
            run(() -> lost(opened));
          }
        });
    if (!opened.isOpen()) {
      lost(opened);
      return;
    }
    var _ =
        owner
            .prepare(opened)
            .toCompletableFuture()
            .orTimeout(PREPARE_SECONDS, TimeUnit.SECONDS)
            .whenComplete((done, refusal) -> run(() -> prepared(opened, refusal)));
  }

  private void prepared(C opened, @Nullable Throwable refusal) {
    if (!opened.equals(connection)) {
      return;
    }
    if (refusal != null) {
      failed(refusal);
      lost(opened);
      return;
    }
    if (complained) {
      log.info("Redis can be reached again for {}", name);
    }
    complained = false;
    alarm.clear(this);
    up = true;
    upSince = System.nanoTime();
    owner.up(opened);
  }

  private void lost(C lost) {
    if (!lost.equals(connection)) {
      return;
    }
    connection = null;
    var _ = lost.closeAsync();
    if (up && !complained && !closed) {
      log.warn("Redis connection for {} is lost", name);
      complained = true;
    }
    if (up && System.nanoTime() - upSince > LASTING_NANOS) {
      pause = SHORTEST_PAUSE_MS;
    }
    up = false;
    if (!closed) {
      again();
    }
  }

  private void again() {
    owner.down();
    long jittered = pause / 2 + ThreadLocalRandom.current().nextLong(pause / 2 + 1);
    pause = Math.min(2 * pause, LONGEST_PAUSE_MS);
    try {
      var _ = scheduler.schedule(this::attempt, jittered, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException stopped) {
      closed = true;
    }
  }

  private void failed(@Nullable Throwable failure) {
    if (failure != null && !closed) {
      alarm.raise(this, RedisProblem.of(failure));
    }
  }

  /** False if the scheduler has ended: the step is not run. */
  private boolean run(Runnable step) {
    try {
      scheduler.execute(step);
      return true;
    } catch (RejectedExecutionException stopped) {
      log.debug("{} is closed", name);
      return false;
    }
  }
}
