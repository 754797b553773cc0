package dev.parley.protocol;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * JSON in UTF-8 under construction: an object's members, each with the comma in front, since the
 * first one, {@code type}, stands alone. Members that are null are left out. A lone surrogate,
 * which a token's claims may hold, is written as U+FFFD: what leaves the server is always valid
 * UTF-8.
 */
final class JsonBuffer {
  private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

  /** Bytes of {@code \\u001f}, and more than any character has in UTF-8. */
  private static final int LONGEST_ESCAPE = 6;

  private byte[] bytes;
  private int size;

  JsonBuffer(int expectedSize) {
    bytes = new byte[Math.max(16, expectedSize)];
  }

  /** An object of this type, still open. */
  static JsonBuffer object(String type) {
    return new JsonBuffer(256).raw("{\"type\":").quoted(type);
  }

  JsonBuffer text(String name, @Nullable String value) {
    return value == null ? this : name(name).quoted(value);
  }

  JsonBuffer text(String name, @Nullable RoomName value) {
    return value == null ? this : text(name, value.value());
  }

  JsonBuffer text(String name, UserId value) {
    return text(name, value.value());
  }

  JsonBuffer text(String name, Epoch value) {
    return text(name, value.toString());
  }

  JsonBuffer number(String name, long value) {
    return name(name).raw(Long.toString(value));
  }

  JsonBuffer numberIfAny(String name, @Nullable Long value) {
    return value == null ? this : number(name, value);
  }

  JsonBuffer flag(String name, boolean value) {
    return name(name).raw(value ? "true" : "false");
  }

  JsonBuffer flagIfAny(String name, @Nullable Boolean value) {
    return value == null ? this : flag(name, value);
  }

  /**
   * @param value one JSON value
   */
  JsonBuffer value(String name, byte[] value) {
    return name(name).raw(value);
  }

  JsonBuffer name(String name) {
    return raw(",\"").raw(name).raw("\":");
  }

  /**
   * @param ascii printable, written as it is
   */
  JsonBuffer raw(String ascii) {
    reserve(ascii.length());
    for (int i = 0; i < ascii.length(); i++) {
      bytes[size++] = (byte) ascii.charAt(i);
    }
    return this;
  }

  JsonBuffer raw(byte[] json) {
    reserve(json.length);
    System.arraycopy(json, 0, bytes, size, json.length);
    size += json.length;
    return this;
  }

  JsonBuffer quoted(String value) {
    reserve(Math.addExact(Math.multiplyExact(value.length(), LONGEST_ESCAPE), 2));
    bytes[size++] = '"';
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c < 0x80) {
        ascii((byte) c);
      } else if (Character.isHighSurrogate(c)
          && i + 1 < value.length()
          && Character.isLowSurrogate(value.charAt(i + 1))) {
        i++;
        size = Utf8.write(Character.toCodePoint(c, value.charAt(i)), bytes, size);
      } else {
        size = Utf8.write(c, bytes, size);
      }
    }
    bytes[size++] = '"';
    return this;
  }

  JsonBuffer quoted(byte[] utf8, int offset, int length) {
    int escapes = 0;
    for (int i = offset; i < offset + length; i++) {
      escapes += needsEscape(utf8[i]) ? 1 : 0;
    }
    reserve(Math.addExact(length + 2, Math.multiplyExact(escapes, LONGEST_ESCAPE - 1)));
    bytes[size++] = '"';
    for (int i = offset; i < offset + length; i++) {
      ascii(utf8[i]);
    }
    bytes[size++] = '"';
    return this;
  }

  byte[] toBytes() {
    return Arrays.copyOf(bytes, size);
  }

  byte[] toTextFrame() {
    byte[] frame = new byte[WebSocketFraming.headerLength(size) + size];
    int at = WebSocketFraming.writeHeader(frame, 0, WebSocketFraming.TEXT, size);
    System.arraycopy(bytes, 0, frame, at, size);
    return frame;
  }

  private void ascii(byte c) {
    if (!needsEscape(c)) {
      bytes[size++] = c;
    } else if (c < 0x20) {
      control(c);
    } else {
      bytes[size++] = '\\';
      bytes[size++] = c;
    }
  }

  private static boolean needsEscape(byte c) {
    return c == '"' || c == '\\' || (c >= 0 && c < 0x20);
  }

  private void control(byte c) {
    bytes[size++] = '\\';
    int letter =
        switch (c) {
          case '\b' -> 'b';
          case '\t' -> 't';
          case '\n' -> 'n';
          case '\f' -> 'f';
          case '\r' -> 'r';
          default -> 'u';
        };
    bytes[size++] = (byte) letter;
    if (letter == 'u') {
      bytes[size++] = '0';
      bytes[size++] = '0';
      bytes[size++] = HEX[c >>> 4];
      bytes[size++] = HEX[c & 0xF];
    }
  }

  private void reserve(int more) {
    if (bytes.length - size < more) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, Math.addExact(size, more)));
    }
  }
}
