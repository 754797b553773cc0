package dev.parley.broker.embedded;

import dev.parley.broker.Broker;
import dev.parley.broker.Callbacks;
import dev.parley.broker.ControlBus;
import dev.parley.broker.Retention;
import dev.parley.broker.RoomChannel;
import dev.parley.budget.Budget;
import dev.parley.protocol.RoomName;
import java.time.InstantSource;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * The broker of a service that is alone: everything in memory, gone when the process ends, with the
 * same answers as the one on Redis. Messages are in the log when {@code publish} returns; a thread
 * of its own lets go of old ones once a minute, and calls the control bus's listener, until {@link
 * #close}.
 */
public final class EmbeddedBroker implements Broker, AutoCloseable {
  private final RoomStates rooms;
  private final long incarnation = ThreadLocalRandom.current().nextLong();
  private final ScheduledExecutorService sweeper =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("parley-broker").factory());

  private final Control control;

  /**
   * @param budget of all that the logs, ids and rooms hold
   */
  public EmbeddedBroker(Budget budget) {
    this(new RoomStates(InstantSource.system(), new LogMemory(budget)));
  }

  EmbeddedBroker(RoomStates rooms) {
    this.rooms = rooms;
    this.control = new Control(rooms.control(), sweeper);
    var _ =
        sweeper.scheduleWithFixedDelay(() -> Callbacks.run(rooms::sweep), 1, 1, TimeUnit.MINUTES);
  }

  @Override
  public RoomChannel channel(RoomName room, Retention retention, Executor home) {
    return new Channel(room, retention, rooms, incarnation, home);
  }

  @Override
  public long incarnation() {
    return incarnation;
  }

  /** Nothing to do: nothing is left unsent. */
  @Override
  public void flush(Executor home) {}

  @Override
  public ControlBus control() {
    return control;
  }

  /** Always: there is nothing that could go away. */
  @Override
  public boolean isAvailable() {
    return true;
  }

  /** Never called back, since availability does not change. */
  @Override
  public void onAvailability(Runnable listener) {}

  @Override
  public void close() {
    control.close();
    sweeper.shutdownNow();
  }
}
