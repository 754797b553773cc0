package dev.parley.protocol;

import java.nio.charset.StandardCharsets;

/**
 * Complete WebSocket frames as a server writes them (RFC 6455, section 5.2): final, unmasked, no
 * extension, the length in its shortest form.
 */
public final class WebSocketFraming {
  public static final int TEXT = 0x1;
  public static final int BINARY = 0x2;
  public static final int CLOSE = 0x8;
  public static final int PING = 0x9;
  public static final int PONG = 0xA;

  /** The most a control frame carries (section 5.5). */
  public static final int MAX_CONTROL_PAYLOAD = 125;

  private static final int FINAL = 0x80;

  private WebSocketFraming() {}

  public static byte[] text(byte[] payload) {
    return frame(TEXT, payload);
  }

  public static byte[] binary(byte[] payload) {
    return frame(BINARY, payload);
  }

  /**
   * @param payload at most {@link #MAX_CONTROL_PAYLOAD} bytes
   */
  public static byte[] ping(byte[] payload) {
    return control(PING, payload);
  }

  /**
   * @param payload at most {@link #MAX_CONTROL_PAYLOAD} bytes
   */
  public static byte[] pong(byte[] payload) {
    return control(PONG, payload);
  }

  /**
   * @param reason at most 123 bytes in UTF-8
   */
  public static byte[] close(int code, String reason) {
    byte[] text = reason.getBytes(StandardCharsets.UTF_8);
    byte[] payload = new byte[2 + text.length];
    payload[0] = (byte) (code >>> 8);
    payload[1] = (byte) code;
    System.arraycopy(text, 0, payload, 2, text.length);
    return control(CLOSE, payload);
  }

  /** Bytes in front of a payload of this length: 2, 4 or 10. */
  public static int headerLength(int payloadLength) {
    return payloadLength <= 125 ? 2 : payloadLength <= 0xFFFF ? 4 : 10;
  }

  /**
   * Writes {@link #headerLength} bytes.
   *
   * @return the index behind them, where the payload belongs
   */
  public static int writeHeader(byte[] to, int at, int opcode, int payloadLength) {
    to[at] = (byte) (FINAL | opcode);
    int lengthBytes = headerLength(payloadLength) - 2;
    to[at + 1] = (byte) (lengthBytes == 0 ? payloadLength : lengthBytes == 2 ? 126 : 127);
    long rest = payloadLength;
    for (int i = at + 1 + lengthBytes; i > at + 1; i--) {
      to[i] = (byte) rest;
      rest >>>= 8;
    }
    return at + 2 + lengthBytes;
  }

  /** A control frame of any kind with this payload, at most 125 bytes (RFC 6455, section 5.5). */
  public static byte[] control(int opcode, byte[] payload) {
    if (payload.length > MAX_CONTROL_PAYLOAD) {
      throw new IllegalArgumentException("control payload of " + payload.length + " bytes");
    }
    return frame(opcode, payload);
  }

  private static byte[] frame(int opcode, byte[] payload) {
    byte[] frame = new byte[headerLength(payload.length) + payload.length];
    int at = writeHeader(frame, 0, opcode, payload.length);
    System.arraycopy(payload, 0, frame, at, payload.length);
    return frame;
  }
}
