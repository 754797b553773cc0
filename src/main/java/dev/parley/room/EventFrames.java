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
 * The frames of one event, for each mode that is sent it. Made once, on the room's home lane, and
 * shared by all lanes that have members: the bytes never depend on who receives them.
 */
final class EventFrames {
  private final byte[] full;
  private final byte @Nullable [] plain;

  /** Of a message, which alone has a raw form: the tail is the end of its frame. */
  private final @Nullable Form form;

  private final int tailLength;
  private final boolean live;

  /**
   * Written by whichever lane needs it first; all lanes would write the same bytes. It is not kept
   * if the message is replayed: connections to {@code /raw} hardly ever need a replay.
   */
  private volatile byte @Nullable [] raw;

  private EventFrames(
      byte[] full, byte @Nullable [] plain, @Nullable Form form, int tailLength, boolean live) {
    this.full = full;
    this.plain = plain;
    this.form = form;
    this.tailLength = tailLength;
    this.live = live;
  }

  /** For clients that speak {@code parley.v1} only. */
  static EventFrames full(ServerFrame frame) {
    return full(ServerFrames.encode(frame));
  }

  /** For clients that speak {@code parley.v1} only. */
  static EventFrames full(byte[] frame) {
    return new EventFrames(frame, null, null, 0, true);
  }

  /** For all clients that read frames. */
  static EventFrames fullAndPlain(ServerFrame frame) {
    byte[] bytes = ServerFrames.encode(frame);
    return new EventFrames(bytes, bytes, null, 0, true);
  }

  static EventFrames message(RoomName room, byte[] prefix, long offset, Entry entry, boolean live) {
    boolean json = entry.form() == Form.JSON;
    byte[] frame =
        json
            ? MessageFrames.json(prefix, offset, entry.tail())
            : MessageFrames.binary(room, offset, entry.tail());
    return new EventFrames(frame, json ? frame : null, entry.form(), entry.tail().length, live);
  }

  /** The complete frame for this mode, or null if the mode is sent none. */
  byte @Nullable [] of(ProtocolMode mode) {
    return switch (mode) {
      case FULL -> full;
      case PLAIN -> plain;
      case RAW -> raw();
    };
  }

  /** Roughly what they may come to hold, in bytes. */
  int weight() {
    return form != null && live ? 2 * full.length : full.length;
  }

  private byte @Nullable [] raw() {
    byte[] known = raw;
    if (known == null && form != null) {
      known =
          MessageFrames.raw(form, Arrays.copyOfRange(full, full.length - tailLength, full.length));
      if (live) {
        raw = known;
      }
    }
    return known;
  }
}
