package dev.parley.protocol;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One binary frame of a client: byte kind, byte room length, room, byte id length, id, payload. Its
 * faults are named by the pointers that the same fields have in JSON.
 */
final class BinaryFrame {
  private static final int MESSAGE = 1;
  private static final int SIGNAL = 2;

  private final byte[] bytes;
  private final int end;
  private int at;

  BinaryFrame(byte[] bytes, int offset, int length) {
    this.bytes = bytes;
    this.at = offset;
    this.end = offset + length;
  }

  ClientFrame decode(RoomName defaultRoom) {
    RoomName named = null;
    try {
      int kind = at < end ? bytes[at++] : 0;
      if (kind != MESSAGE && kind != SIGNAL) {
        throw Malformed.field("/kind");
      }
      named = room();
      RoomName room = named == null ? defaultRoom : named;
      String id = id();
      Content payload = new Content(Content.Form.BINARY, Arrays.copyOfRange(bytes, at, end));
      return kind == MESSAGE
          ? new ClientFrame.Message(null, room, payload, id, null, null, true)
          : new ClientFrame.Signal(null, room, null, payload);
    } catch (Malformed fault) {
      return new ClientFrame.Refused(fault.code(), null, null, named, fault.path());
    }
  }

  private @Nullable RoomName room() {
    String pointer = FrameField.ROOM.pointer();
    int length = length(pointer);
    int start = at;
    at += length;
    // One character a byte: what is not ASCII stays outside the alphabet.
    return length == 0
        ? null
        : JoinTargets.room(new String(bytes, start, length, StandardCharsets.ISO_8859_1), pointer);
  }

  private @Nullable String id() {
    String pointer = FrameField.ID.pointer();
    int length = length(pointer);
    if (length == 0) {
      return null;
    }
    if (!Utf8.isValid(bytes, at, length)) {
      throw Malformed.field(pointer);
    }
    String id = new String(bytes, at, length, StandardCharsets.UTF_8);
    if (!FrameFields.isShortText(id)) {
      throw Malformed.field(pointer);
    }
    at += length;
    return id;
  }

  /** Reads a length, which must not reach beyond the frame. */
  private int length(String pointer) {
    int length = at < end ? bytes[at++] & 0xFF : Integer.MAX_VALUE;
    if (length > end - at) {
      throw Malformed.field(pointer);
    }
    return length;
  }
}
