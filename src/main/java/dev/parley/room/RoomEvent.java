package dev.parley.room;

import dev.parley.broker.Entry;
import dev.parley.protocol.Content.Form;
import dev.parley.protocol.MessageFrames;
import dev.parley.protocol.RoomName;
import dev.parley.protocol.ServerFrame;
import dev.parley.protocol.ServerFrames;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Something that happened in a room, made once by its home lane and shared by all lanes that have
 * members: the frames of each mode, whose bytes never depend on who receives them.
 */
final class RoomEvent {

  enum Kind {
    /** Has an offset; everybody is sent it or told that it was missed. */
    MESSAGE,
    /** For everybody who reads notices; kept in order with the messages. */
    NOTICE,
    /** An earlier message was deleted: whoever has it or is about to is told. */
    DELETION,
    /** May be dropped, and is for those who are live. */
    SIGNAL,
    /** Offsets up to this one are missing: {@code gap}, or the end for who cannot be told. */
    LOSS,
    /** As LOSS, and what was read before is void: positions begin anew. */
    RESET
  }

  private final Kind kind;
  private final long offset;
  private final long timestamp;
  private final byte @Nullable [] full;
  private final byte @Nullable [] plain;

  /** Of a message that has a raw form: the tail is the end of its frame. Null for the others. */
  private final @Nullable Form form;

  private final int tailLength;
  private final boolean live;
  private final long exceptIncarnation;
  private final long exceptConnection;

  /**
   * Written by whichever lane needs it first; all write the same bytes. Not kept of what is
   * replayed, which those of {@code /raw} hardly ever are.
   */
  private volatile byte @Nullable [] raw;

  private RoomEvent(
      Kind kind,
      long offset,
      byte @Nullable [] full,
      byte @Nullable [] plain,
      long exceptIncarnation,
      long exceptConnection) {
    this.kind = kind;
    this.offset = offset;
    this.full = full;
    this.plain = plain;
    this.exceptIncarnation = exceptIncarnation;
    this.exceptConnection = exceptConnection;
    timestamp = 0;
    form = null;
    tailLength = 0;
    live = true;
  }

  private RoomEvent(RoomName room, byte[] prefix, long offset, Entry entry, boolean live) {
    boolean json = entry.form() == Form.JSON;
    byte[] frame =
        json
            ? MessageFrames.json(prefix, offset, entry.tail())
            : MessageFrames.binary(room, offset, entry.tail());
    boolean spare = live && !entry.echo();
    kind = Kind.MESSAGE;
    this.offset = offset;
    timestamp = entry.timestamp();
    form = entry.form();
    tailLength = entry.tail().length;
    this.live = live;
    full = frame;
    plain = json ? frame : null;
    exceptIncarnation = spare ? entry.incarnation() : 0;
    exceptConnection = spare ? entry.connection() : 0;
  }

  /**
   * @param live false where it is replayed: then the sender is not spared its own
   */
  static RoomEvent message(RoomName room, byte[] prefix, long offset, Entry entry, boolean live) {
    return entry.isDeleted()
        ? tombstone(room, offset)
        : new RoomEvent(room, prefix, offset, entry, live);
  }

  static RoomEvent signal(RoomName room, Entry entry) {
    byte[] frame =
        entry.form() == Form.JSON
            ? MessageFrames.signal(entry.tail())
            : MessageFrames.binarySignal(room, entry.tail());
    return new RoomEvent(Kind.SIGNAL, 0, frame, null, entry.incarnation(), entry.connection());
  }

  static RoomEvent typing(RoomName room, dev.parley.broker.Typing typing) {
    byte[] frame =
        ServerFrames.encode(
            new ServerFrame.Typing(room, typing.user(), typing.username(), typing.active()));
    return new RoomEvent(Kind.SIGNAL, 0, frame, null, typing.incarnation(), typing.connection());
  }

  /** A user came or went. */
  static RoomEvent presence(ServerFrame frame) {
    byte[] bytes = ServerFrames.encode(frame);
    return new RoomEvent(Kind.NOTICE, 0, bytes, bytes, 0, 0);
  }

  /** For those who speak {@code parley.v1} only. */
  static RoomEvent notice(ServerFrame frame) {
    return new RoomEvent(Kind.NOTICE, 0, ServerFrames.encode(frame), null, 0, 0);
  }

  /**
   * What stands in the place of a message that was deleted; for those who speak {@code parley.v1}
   * only, though everybody's position goes on with it.
   */
  static RoomEvent tombstone(RoomName room, long offset) {
    byte[] frame = ServerFrames.encode(new ServerFrame.Deleted(room, offset));
    return new RoomEvent(Kind.NOTICE, offset, frame, null, 0, 0);
  }

  /** A message was deleted that members may have been sent. */
  static RoomEvent deletion(RoomName room, long offset) {
    byte[] frame = ServerFrames.encode(new ServerFrame.Deleted(room, offset));
    return new RoomEvent(Kind.DELETION, offset, frame, null, 0, 0);
  }

  static RoomEvent gap(ServerFrame.Gap gap) {
    return new RoomEvent(Kind.LOSS, gap.to(), ServerFrames.encode(gap), null, 0, 0);
  }

  static RoomEvent reset(ServerFrame.EpochChanged epoch) {
    return new RoomEvent(Kind.RESET, epoch.offset(), ServerFrames.encode(epoch), null, 0, 0);
  }

  Kind kind() {
    return kind;
  }

  /**
   * Of a message or tombstone, of the message that a deletion is about, or the last one that a loss
   * covers; 0 for the others.
   */
  long offset() {
    return offset;
  }

  /**
   * When the message was accepted, in Unix milliseconds by the accepting instance's clock; 0 for
   * the others.
   */
  long timestamp() {
    return timestamp;
  }

  /** The complete frame for this mode, or null where it is sent none. */
  byte @Nullable [] frame(ProtocolMode mode) {
    return switch (mode) {
      case FULL -> full;
      case PLAIN -> plain;
      case RAW -> raw();
    };
  }

  /**
   * Whether some connection is not sent this: the sender of a signal, or one that wanted no echo.
   */
  boolean sparesSomebody() {
    return exceptConnection != 0;
  }

  boolean spares(long incarnation, long connection) {
    return connection == exceptConnection && incarnation == exceptIncarnation;
  }

  /** Roughly what it may come to hold, in bytes. */
  int weight() {
    int frames = full == null ? 0 : full.length;
    return 96 + (form != null && live ? 2 * frames : frames);
  }

  private byte @Nullable [] raw() {
    byte[] known = raw;
    if (known == null && form != null && full != null) {
      known =
          MessageFrames.raw(form, Arrays.copyOfRange(full, full.length - tailLength, full.length));
      if (live) {
        raw = known;
      }
    }
    return known;
  }
}
