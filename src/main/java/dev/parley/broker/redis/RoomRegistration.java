package dev.parley.broker.redis;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Whether a room is among those that Redis knows this incarnation to have users in. It is put there
 * before the first user is entered, and taken out after the last one was removed, so that a reaper
 * misses no room. Belongs to the home executor.
 */
final class RoomRegistration {
  private final byte[] room;
  private final Executor home;
  private final CommandConnection commands;
  private @Nullable Incarnation registered;
  private boolean asking;

  RoomRegistration(RoomKeys keys, Executor home, CommandConnection commands) {
    this.room = keys.room().getBytes(US_ASCII);
    this.home = home;
    this.commands = commands;
  }

  boolean isAsking() {
    return asking;
  }

  /** Whether users may be entered under this incarnation. */
  boolean isWith(@Nullable Incarnation incarnation) {
    return !asking && incarnation != null && incarnation.equals(registered);
  }

  /**
   * @param done run when Redis has answered
   */
  void begin(Incarnation incarnation, Runnable done) {
    ask(
        Script.REGISTER,
        incarnation,
        new byte[][] {room, RedisInstanceRecords.KEPT_MS},
        () -> {
          registered = incarnation;
          done.run();
        });
  }

  /**
   * @param done run when Redis has answered
   */
  void end(Incarnation incarnation, Runnable done) {
    registered = null;
    ask(Script.UNREGISTER, incarnation, new byte[][] {room}, done);
  }

  private void ask(Script script, Incarnation incarnation, byte[][] arguments, Runnable answered) {
    asking = true;
    commands.run(
        ScriptCall.untilAnswered(
            script,
            new String[] {RoomKeys.roomsOf(incarnation)},
            arguments,
            home,
            _ -> {
              asking = false;
              answered.run();
            }));
  }
}
