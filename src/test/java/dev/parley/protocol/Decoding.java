package dev.parley.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Short ways to decode and encode in tests. */
final class Decoding {
  static final RoomName LOBBY = new RoomName("lobby");
  static final ClientFrames FRAMES = new ClientFrames(LOBBY);

  private Decoding() {}

  /** Decodes from the middle of a larger array, as a connection's buffer gives it. */
  static ClientFrame text(String json) {
    byte[] frame = utf8(json);
    byte[] around = utf8("}]\"\\" + json + "}]\"\\");
    return FRAMES.text(around, 4, frame.length);
  }

  static <T extends ClientFrame> T text(String json, Class<T> type) {
    ClientFrame frame = text(json);
    assertThat(frame).as(json).isInstanceOf(type);
    return type.cast(frame);
  }

  static ClientFrame.Refused refused(String json) {
    return text(json, ClientFrame.Refused.class);
  }

  static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  static String string(byte[] utf8) {
    return new String(utf8, StandardCharsets.UTF_8);
  }

  /** The payload of a WebSocket frame, whose header must be one of a server. */
  static byte[] payload(int opcode, byte[] frame) {
    assertThat(frame[0] & 0xFF).isEqualTo(0x80 | opcode);
    int length = frame[1] & 0xFF;
    int header = length < 126 ? 2 : length == 126 ? 4 : 10;
    byte[] payload = Arrays.copyOfRange(frame, header, frame.length);
    assertThat(WebSocketFraming.headerLength(payload.length)).isEqualTo(header);
    long claimed = 0;
    for (int i = 2; i < header; i++) {
      claimed = claimed << 8 | (frame[i] & 0xFF);
    }
    assertThat(header == 2 ? length : claimed).isEqualTo(payload.length);
    return payload;
  }
}
