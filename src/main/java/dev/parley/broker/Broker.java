package dev.parley.broker;

import dev.parley.protocol.RoomName;
import java.util.concurrent.Executor;

/**
 * The rooms' logs and the bus that carries what is added to them to every instance.
 *
 * <p>What it guarantees, whatever carries it:
 *
 * <ul>
 *   <li><b>Order.</b> Within an epoch a room's messages are numbered 1, 2, 3 … without holes, and
 *       (epoch, offset) never names two messages. Messages that one channel publishes are numbered
 *       in the order of the calls.
 *   <li><b>Known or unknown.</b> {@link Outcome.Accepted} means that the broker has the message;
 *       {@link Outcome.Refused} with {@code broker_unavailable} or {@code id_conflict} that it is
 *       nowhere; with {@code unconfirmed} that it may or may not be in the log. A message without
 *       an id is never sent twice.
 *   <li><b>Stored once.</b> A message with an id is in the log at most once, however often it is
 *       published by its user within 5 minutes (at most 10) of being accepted, by the broker's
 *       clock.
 *   <li><b>Bus.</b> A subscribed listener is told of every message in order, or that something was
 *       missed ({@link RoomListener#head}); never of the same message twice. Signals, typing,
 *       presence and read marks may be lost.
 * </ul>
 */
public interface Broker {

  /**
   * The channel of a room for one caller. Cheap, opens nothing; at most one channel a room may be
   * subscribed at a time.
   *
   * @param retention what is kept of the room's log
   * @param home runs every callback, in the order in which they were caused; the caller calls the
   *     channel from there and nowhere else
   */
  RoomChannel channel(RoomName room, Retention retention, Executor home);

  /** This instance's name among its peers, as the sender of messages; new at each start. */
  long incarnation();

  /**
   * Hands over what the calls of this turn of {@code home} left unsent; called by its owner at the
   * end of a turn.
   */
  void flush(Executor home);

  /** What the instances of this service say to each other. */
  ControlBus control();

  /**
   * Whether messages are accepted at present; rooms tell their members when it changes. A state,
   * not an {@link Outcome}: requests are made whatever it says.
   */
  boolean isAvailable();

  /** Called when {@link #isAvailable} changes, from any thread. */
  void onAvailability(Runnable listener);
}
