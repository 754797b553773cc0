package dev.parley.protocol;

import dev.parley.protocol.Content.Form;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Puts messages and signals together. The accepting instance writes a message's <em>tail</em>,
 * everything that follows its offset, once; an instance that delivers it puts room and offset in
 * front without parsing it, with one allocation.
 *
 * <p>A JSON tail ends in {@code ,"content":<value>}}: content comes last, and the quotes of every
 * string before it are escaped, so the first {@code ,"content":} is where it begins. A binary tail
 * is a byte user length, user, a byte id length, id, payload.
 */
public final class MessageFrames {
  private static final int MESSAGE = 1;
  private static final int SIGNAL = 2;
  private static final byte[] CONTENT = ",\"content\":".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] NOTHING = {};

  private MessageFrames() {}

  /**
   * @param message with content of {@link Form#JSON}
   */
  public static byte[] jsonTail(
      ClientFrame.Message message, UserId user, String username, long timestamp) {
    byte[] content = json(message.content());
    return new JsonBuffer(content.length + 256)
        .text("id", message.id())
        .text("name", message.name())
        .text("user", user)
        .text("username", username)
        .number("timestamp", timestamp)
        .text("key", message.key())
        .value("content", content)
        .raw("}")
        .toBytes();
  }

  /** The tail of a binary message; of a binary signal too, if {@code id} is null. */
  public static byte[] binaryTail(UserId user, @Nullable String id, byte[] payload) {
    byte[] idBytes = id == null ? NOTHING : id.getBytes(StandardCharsets.UTF_8);
    int userLength = user.value().length();
    byte[] tail = new byte[2 + userLength + idBytes.length + payload.length];
    int at = name(user.value(), tail, 0);
    tail[at++] = (byte) idBytes.length;
    System.arraycopy(idBytes, 0, tail, at, idBytes.length);
    System.arraycopy(payload, 0, tail, at + idBytes.length, payload.length);
    return tail;
  }

  /** What stands before the offset of a room's JSON messages; worth keeping. */
  public static byte[] prefix(RoomName room) {
    return JsonBuffer.object("message").text("room", room).name("offset").toBytes();
  }

  /** A JSON message as a complete WebSocket text frame. */
  public static byte[] json(byte[] prefix, long offset, byte[] tail) {
    int digits = Decimal.length(offset);
    int length = prefix.length + digits + tail.length;
    byte[] frame = new byte[WebSocketFraming.headerLength(length) + length];
    int at = WebSocketFraming.writeHeader(frame, 0, WebSocketFraming.TEXT, length);
    splice(prefix, offset, digits, tail, frame, at);
    return frame;
  }

  /** A JSON message without WebSocket header. */
  public static byte[] jsonObject(byte[] prefix, long offset, byte[] tail) {
    int digits = Decimal.length(offset);
    byte[] json = new byte[prefix.length + digits + tail.length];
    splice(prefix, offset, digits, tail, json, 0);
    return json;
  }

  private static void splice(
      byte[] prefix, long offset, int digits, byte[] tail, byte[] to, int start) {
    System.arraycopy(prefix, 0, to, start, prefix.length);
    int at = Decimal.write(offset, digits, to, start + prefix.length);
    System.arraycopy(tail, 0, to, at, tail.length);
  }

  /** A binary message as a complete WebSocket binary frame. */
  public static byte[] binary(RoomName room, long offset, byte[] tail) {
    return binary(MESSAGE, room, offset, tail);
  }

  /** A binary signal as a complete WebSocket binary frame. */
  public static byte[] binarySignal(RoomName room, byte[] tail) {
    return binary(SIGNAL, room, 0, tail);
  }

  private static byte[] binary(int kind, RoomName room, long offset, byte[] tail) {
    int length = 2 + room.value().length() + Long.BYTES + tail.length;
    byte[] frame = new byte[WebSocketFraming.headerLength(length) + length];
    int at = WebSocketFraming.writeHeader(frame, 0, WebSocketFraming.BINARY, length);
    frame[at++] = (byte) kind;
    at = name(room.value(), frame, at);
    for (int shift = 56; shift >= 0; shift -= 8) {
      frame[at++] = (byte) (offset >>> shift);
    }
    System.arraycopy(tail, 0, frame, at, tail.length);
    return frame;
  }

  /**
   * A binary message as JSON, the payload as base64 in {@code data}: how history shows it.
   *
   * @param prefix of its room, as for a JSON message
   */
  public static byte[] binaryAsJsonObject(byte[] prefix, long offset, byte[] tail, long timestamp) {
    BinaryTail parts = BinaryTail.of(tail);
    return new JsonBuffer(prefix.length + tail.length * 4 / 3 + 128)
        .raw(prefix)
        .raw(Long.toString(offset))
        .text("id", parts.id())
        .text("user", parts.user())
        .number("timestamp", timestamp)
        .raw(",\"data\":\"")
        .raw(Base64.getEncoder().encode(parts.payload()))
        .raw("\"}")
        .toBytes();
  }

  /**
   * A message as {@code /raw} shows it, a complete WebSocket frame of the content alone: a JSON
   * string as text, any other JSON value as its JSON text, binary as binary.
   */
  public static byte[] raw(Form form, byte[] tail) {
    return switch (form) {
      case JSON -> WebSocketFraming.text(rawText(tail));
      case BINARY -> WebSocketFraming.binary(BinaryTail.of(tail).payload());
    };
  }

  private static byte[] rawText(byte[] tail) {
    int start = contentStart(tail);
    int end = tail.length - 1;
    return tail[start] == '"'
        ? JsonValues.unescape(tail, start + 1, end - 1)
        : Arrays.copyOfRange(tail, start, end);
  }

  private static int contentStart(byte[] tail) {
    for (int i = 0; i <= tail.length - CONTENT.length; i++) {
      if (Arrays.equals(tail, i, i + CONTENT.length, CONTENT, 0, CONTENT.length)) {
        return i + CONTENT.length;
      }
    }
    throw new IllegalArgumentException("no tail of a JSON message");
  }

  /**
   * The tail of a JSON signal, which is the whole object: it has no offset to wait for.
   *
   * @param signal with a name, and data of {@link Form#JSON} or none
   */
  public static byte[] jsonSignalTail(
      RoomName room, ClientFrame.Signal signal, UserId user, String username) {
    JsonBuffer json =
        JsonBuffer.object("signal")
            .text("room", room)
            .text("user", user)
            .text("username", username)
            .text("name", signal.name());
    if (signal.data() != null) {
      json.value("data", json(signal.data()));
    }
    return json.raw("}").toBytes();
  }

  /** A JSON signal as a complete WebSocket text frame. */
  public static byte[] signal(byte[] tail) {
    return WebSocketFraming.text(tail);
  }

  /**
   * 32 bits over form, content, name and key, the same in every process: what tells a repeated
   * message from another one under the same id.
   */
  public static int contentHash(ClientFrame.Message message) {
    CRC32C crc = new CRC32C();
    crc.update(message.content().form() == Form.JSON ? 1 : 2);
    part(crc, message.content().bytes());
    part(crc, utf8(message.name()));
    part(crc, utf8(message.key()));
    return (int) crc.getValue();
  }

  /** The length goes in front, so that what moves from one part to the next changes the hash. */
  private static void part(CRC32C crc, byte[] part) {
    for (int shift = 24; shift >= 0; shift -= 8) {
      crc.update(part.length >>> shift);
    }
    crc.update(part);
  }

  private static byte[] utf8(@Nullable String value) {
    return value == null ? NOTHING : value.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] json(Content content) {
    if (content.form() != Form.JSON) {
      throw new IllegalArgumentException("binary content has no JSON form");
    }
    return content.bytes();
  }

  /** Writes a room name or user id behind its length; both are ASCII. */
  private static int name(String name, byte[] to, int start) {
    int at = start;
    to[at++] = (byte) name.length();
    for (int i = 0; i < name.length(); i++) {
      to[at++] = (byte) name.charAt(i);
    }
    return at;
  }

  private record BinaryTail(String user, @Nullable String id, byte[] payload) {
    static BinaryTail of(byte[] tail) {
      int userLength = tail[0] & 0xFF;
      int idAt = 2 + userLength;
      int idLength = tail[idAt - 1] & 0xFF;
      return new BinaryTail(
          new String(tail, 1, userLength, StandardCharsets.US_ASCII),
          idLength == 0 ? null : new String(tail, idAt, idLength, StandardCharsets.UTF_8),
          Arrays.copyOfRange(tail, idAt + idLength, tail.length));
    }
  }
}
