package dev.parley.attack;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.stream.Collectors;

/** WebSocket frames as a client sends them. */
final class Frames {
  static final int TEXT = 0x81;
  static final int FIRST_FRAGMENT = 0x01;
  static final int CONTINUATION = 0x00;
  static final int CLOSE = 0x88;
  static final int PING = 0x89;
  static final int PONG = 0x8A;

  private Frames() {}

  /**
   * A masked frame with this first byte; its mask is of zeros, which leaves the payload as it is.
   */
  static byte[] frame(int first, byte[] payload) {
    ByteBuffer frame = ByteBuffer.allocate(payload.length + 8);
    frame.put((byte) first);
    if (payload.length < 126) {
      frame.put((byte) (0x80 | payload.length));
    } else {
      frame.put((byte) (0x80 | 126)).putShort((short) payload.length);
    }
    byte[] bytes = new byte[frame.putInt(0).put(payload).position()];
    frame.get(0, bytes);
    return bytes;
  }

  static byte[] text(String text) {
    return frame(TEXT, text.getBytes(UTF_8));
  }

  static byte[] message(String room, String content) {
    return text(
        "{\"type\":\"message\",\"room\":\"%s\",\"echo\":false,\"content\":\"%s\"}"
            .formatted(room, content));
  }

  /** A message that is acknowledged. */
  static byte[] asked(String room, String content) {
    return text(
        "{\"type\":\"message\",\"room\":\"%s\",\"ref\":\"m\",\"echo\":false,\"content\":\"%s\"}"
            .formatted(room, content));
  }

  static byte[] join(String room) {
    return text("{\"type\":\"join\",\"ref\":\"j\",\"room\":\"%s\"}".formatted(room));
  }

  /** One frame that joins all of these. */
  static byte[] join(List<String> rooms) {
    return join(rooms, "");
  }

  /**
   * As {@link #join(List)}.
   *
   * @param more fields, each with a comma before it
   */
  static byte[] join(List<String> rooms, String more) {
    String list =
        rooms.stream().map("{\"room\":\"%s\"}"::formatted).collect(Collectors.joining(","));
    return text("{\"type\":\"join\",\"ref\":\"j\",\"rooms\":[" + list + "]" + more + "}");
  }

  /** Asks for the newest 100 messages. */
  static byte[] history(String room) {
    return text(
        "{\"type\":\"history\",\"ref\":\"h\",\"room\":\"%s\",\"limit\":100}".formatted(room));
  }
}
