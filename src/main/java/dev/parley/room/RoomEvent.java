package dev.parley.room;

import dev.parley.broker.Entry;
import dev.parley.protocol.Content.Form;
import dev.parley.protocol.MessageFrames;
import dev.parley.protocol.RoomName;
import dev.parley.protocol.ServerFrame;

/**
 * Something that happened in a room, made once by its home lane and passed to all lanes that have
 * members.
 */
sealed interface RoomEvent {

  /** A message: every member is sent it, or told that it was missed. */
  record Message(long offset, long timestamp, EventFrames frames, Sender except)
      implements RoomEvent {}

  /**
   * Takes the place of a message that was deleted. Only {@code parley.v1} has a frame for it, but
   * every member's position moves past it.
   */
  record Tombstone(long offset, EventFrames frames) implements RoomEvent {}

  /** Sent to everybody whose mode has a frame for it, in order with the messages. */
  record Notice(EventFrames frames) implements RoomEvent {}

  /** A message was deleted that members have been sent, or are about to be sent. */
  record Deletion(long offset, EventFrames frames) implements RoomEvent {}

  /** A signal or a notice of typing: may be dropped, and is sent to live members only. */
  record Signal(EventFrames frames, Sender except) implements RoomEvent {}

  /**
   * The messages up to this offset are missing. Members in a mode without such a frame are
   * disconnected.
   */
  record Loss(long offset, EventFrames frames) implements RoomEvent {}

  /** As {@link Loss}, and what was sent before is void: positions begin anew from this offset. */
  record Reset(long offset, EventFrames frames) implements RoomEvent {}

  /**
   * The connection that sent something.
   *
   * @param incarnation of its instance
   * @param connection 0 for none
   */
  record Sender(long incarnation, long connection) {
    static final Sender NONE = new Sender(0, 0);

    boolean is(long itsIncarnation, long itsConnection) {
      return connection == itsConnection && incarnation == itsIncarnation;
    }
  }

  EventFrames frames();

  /** The one connection that is not sent this: it sent it, and wants no copy. */
  default Sender except() {
    return Sender.NONE;
  }

  /** See the records; 0 for those without an offset. */
  default long offset() {
    return 0;
  }

  /** Roughly what it may come to hold, in bytes. */
  default int weight() {
    return 96 + frames().weight();
  }

  /**
   * A message, or its tombstone.
   *
   * @param live false if it is replayed: then its sender gets it as well
   */
  static RoomEvent message(RoomName room, byte[] prefix, long offset, Entry entry, boolean live) {
    if (entry.isDeleted()) {
      return tombstone(room, offset);
    }
    return new Message(
        offset,
        entry.timestamp(),
        EventFrames.message(room, prefix, offset, entry, live),
        live && !entry.echo() ? sender(entry) : Sender.NONE);
  }

  static RoomEvent signal(RoomName room, Entry entry) {
    byte[] frame =
        entry.form() == Form.JSON
            ? MessageFrames.signal(entry.tail())
            : MessageFrames.binarySignal(room, entry.tail());
    return new Signal(EventFrames.full(frame), sender(entry));
  }

  static RoomEvent typing(RoomName room, dev.parley.broker.Typing typing) {
    return new Signal(
        EventFrames.full(
            new ServerFrame.Typing(room, typing.user(), typing.username(), typing.active())),
        new Sender(typing.incarnation(), typing.connection()));
  }

  /** A user entered or left. */
  static RoomEvent presence(ServerFrame frame) {
    return new Notice(EventFrames.fullAndPlain(frame));
  }

  /** For clients that speak {@code parley.v1} only. */
  static RoomEvent notice(ServerFrame frame) {
    return new Notice(EventFrames.full(frame));
  }

  static Tombstone tombstone(RoomName room, long offset) {
    return new Tombstone(offset, EventFrames.full(new ServerFrame.Deleted(room, offset)));
  }

  static RoomEvent deletion(RoomName room, long offset) {
    return new Deletion(offset, EventFrames.full(new ServerFrame.Deleted(room, offset)));
  }

  static RoomEvent gap(ServerFrame.Gap gap) {
    return new Loss(gap.to(), EventFrames.full(gap));
  }

  static RoomEvent reset(ServerFrame.EpochChanged epoch) {
    return new Reset(epoch.offset(), EventFrames.full(epoch));
  }

  private static Sender sender(Entry entry) {
    return new Sender(entry.incarnation(), entry.connection());
  }
}
