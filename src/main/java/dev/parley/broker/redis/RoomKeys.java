package dev.parley.broker.redis;

import dev.parley.broker.Retention;
import dev.parley.protocol.RoomName;

/**
 * The names of a room's keys in Redis, and how long what they hold is kept. They share one hash
 * tag, so that a cluster keeps them in one slot; the 1 is the version of their layout.
 *
 * @param channel of the room's bus
 * @param meta hash: epoch {@code e}, generation {@code g}, head offset {@code o}, lineage {@code
 *     l}, when to trim by age {@code x}, presence version {@code pv}, large {@code lg}, whether
 *     there are tombstones {@code d} and read marks {@code r}, bytes that its messages ever had
 *     {@code b}, those of them before the oldest that is kept {@code y}
 * @param log stream: ids {@code <offset>-0}, fields {@code f} the entry, {@code t} the broker's
 *     milliseconds, {@code c} the bytes of all messages before it
 * @param even ids accepted in an even period of five minutes; fields {@code period} and {@code end}
 *     say which and until when
 * @param odd ids accepted in an odd one
 * @param presence hash: user → JSON of its name and the instances that have it there
 * @param reads sorted set: users by the offsets of their read marks
 * @param deleted sorted set: tombstones of messages that were deleted, by offset
 * @param retention of the log
 */
record RoomKeys(
    String channel,
    String meta,
    String log,
    String even,
    String odd,
    String presence,
    String reads,
    String deleted,
    Retention retention) {
  private static final String PREFIX = "parley:1:";

  /** The channel on which all instances hear each other. */
  static final String CONTROL = PREFIX + "control";

  /** Hash: incarnation → a number that it increments while it is alive. */
  static final String BEATS = PREFIX + "i:beats";

  /** Hash: dead incarnation → the incarnation that reaps it, empty while none does. */
  static final String DEAD = PREFIX + "i:dead";

  static RoomKeys of(RoomName room, Retention retention) {
    return of(room.value(), retention);
  }

  static RoomKeys of(String room, Retention retention) {
    String channel = PREFIX + "{" + room + "}";
    return new RoomKeys(
        channel,
        channel + ":m",
        channel + ":s",
        channel + ":d0",
        channel + ":d1",
        channel + ":p",
        channel + ":r",
        channel + ":x",
        retention);
  }

  /** What no room has, though an ACL that lets through those of rooms lets it through. */
  static final String PROBE = PREFIX + "{}";

  /** The channel on which an instance hears itself. */
  static String heartbeat(long incarnation) {
    return PREFIX + "i:" + Long.toHexString(incarnation);
  }

  /** Hash: the rooms in which an incarnation has users. */
  static String roomsOf(Incarnation incarnation) {
    return PREFIX + "i:rooms:" + incarnation;
  }

  String room() {
    return channel.substring(PREFIX.length() + 1, channel.length() - 1);
  }

  /** What a script of the room's log is told before its own arguments. */
  byte[][] settling(byte[]... own) {
    byte[][] all = new byte[3 + own.length][];
    all[0] = PrimaryState.ascii(retention.messages());
    all[1] = PrimaryState.ascii(retention.age().toMillis());
    all[2] = idle();
    System.arraycopy(own, 0, all, 3, own.length);
    return all;
  }

  /** After how many milliseconds an idle room is forgotten. */
  byte[] idle() {
    return PrimaryState.ascii(retention.idle().toMillis());
  }

  String[] ofPublishing() {
    return new String[] {meta, log, even, odd};
  }

  String[] ofLog() {
    return new String[] {meta, log, even, odd, deleted};
  }

  String[] ofHead() {
    return new String[] {meta, log, even, odd, presence, deleted};
  }

  String[] ofReads() {
    return new String[] {meta, reads};
  }

  String[] ofPresence() {
    return new String[] {meta, presence};
  }
}
