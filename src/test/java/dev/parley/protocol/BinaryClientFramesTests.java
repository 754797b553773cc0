package dev.parley.protocol;

import static dev.parley.protocol.Decoding.FRAMES;
import static dev.parley.protocol.Decoding.LOBBY;
import static dev.parley.protocol.Decoding.utf8;
import static dev.parley.protocol.ErrorCode.INVALID_MESSAGE;
import static dev.parley.protocol.ErrorCode.INVALID_ROOM;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BinaryClientFramesTests {

  @Test
  void messageIsDecoded() {
    assertThat(decode(frame(1, "chat", "id-ä", 0, -1, 34)))
        .isInstanceOfSatisfying(
            ClientFrame.Message.class,
            message -> {
              assertThat(message.room()).isEqualTo(new RoomName("chat"));
              assertThat(message.id()).isEqualTo("id-ä");
              assertThat(message.ref()).isNull();
              assertThat(message.name()).isNull();
              assertThat(message.key()).isNull();
              assertThat(message.echo()).isTrue();
              assertThat(message.content().form()).isEqualTo(Content.Form.BINARY);
              assertThat(message.content().bytes()).containsExactly(0, -1, 34);
            });
  }

  @Test
  void emptyLengthsMeanTheDefaultRoomAndNoId() {
    assertThat(decode(1, 0, 0))
        .isInstanceOfSatisfying(
            ClientFrame.Message.class,
            message -> {
              assertThat(message.room()).isEqualTo(LOBBY);
              assertThat(message.id()).isNull();
              assertThat(message.content().bytes()).isEmpty();
            });
  }

  @Test
  void signalIsDecodedWithoutName() {
    assertThat(decode(frame(2, "a", "", 7)))
        .isInstanceOfSatisfying(
            ClientFrame.Signal.class,
            signal -> {
              assertThat(signal.room()).isEqualTo(new RoomName("a"));
              assertThat(signal.name()).isNull();
              assertThat(signal.data())
                  .isNotNull()
                  .satisfies(data -> assertThat(data.bytes()).containsExactly(7));
            });
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 3, 127, 128, 255})
  void otherKindsAreInvalid(int kind) {
    assertThat(decode(kind, 0, 0))
        .isEqualTo(new ClientFrame.Refused(INVALID_MESSAGE, null, null, null, "/kind"));
  }

  @Test
  void emptyFrameIsInvalid() {
    assertThat(decode())
        .isEqualTo(new ClientFrame.Refused(INVALID_MESSAGE, null, null, null, "/kind"));
  }

  @Test
  void lengthsThatReachBeyondTheFrameAreInvalid() {
    assertThat(decode(1))
        .isEqualTo(new ClientFrame.Refused(INVALID_MESSAGE, null, null, null, "/room"));
    assertThat(decode(1, 2, 'a'))
        .isEqualTo(new ClientFrame.Refused(INVALID_MESSAGE, null, null, null, "/room"));
    assertThat(decode(1, 1, 'a'))
        .isEqualTo(new ClientFrame.Refused(INVALID_MESSAGE, null, null, new RoomName("a"), "/id"));
    assertThat(decode(1, 1, 'a', 255, 'i'))
        .isEqualTo(new ClientFrame.Refused(INVALID_MESSAGE, null, null, new RoomName("a"), "/id"));
  }

  @ParameterizedTest
  @CsvSource({"a b", "ä", "a/b"})
  void roomsOutsideTheAlphabetAreInvalidRooms(String room) {
    assertThat(decode(frame(1, room, "")))
        .isEqualTo(new ClientFrame.Refused(INVALID_ROOM, null, null, null, "/room"));
  }

  @Test
  void tooLongRoomIsAnInvalidRoom() {
    assertThat(decode(frame(1, "r".repeat(129), "")))
        .isEqualTo(new ClientFrame.Refused(INVALID_ROOM, null, null, null, "/room"));
  }

  @Test
  void idIsCountedInUtf16Units() {
    assertThat(decode(frame(1, "", "€".repeat(64)))).isInstanceOf(ClientFrame.Message.class);
    assertThat(decode(frame(1, "", "x".repeat(65))))
        .isEqualTo(new ClientFrame.Refused(INVALID_MESSAGE, null, null, null, "/id"));
    assertThat(decode(frame(1, "", "😀".repeat(33))))
        .isEqualTo(new ClientFrame.Refused(INVALID_MESSAGE, null, null, null, "/id"));
  }

  @Test
  void idThatIsNoUtf8IsInvalid() {
    assertThat(decode(1, 0, 2, 0xC0, 0x80))
        .isEqualTo(new ClientFrame.Refused(INVALID_MESSAGE, null, null, null, "/id"));
  }

  private static byte[] frame(int kind, String room, String id, int... payload) {
    ByteArrayOutputStream frame = new ByteArrayOutputStream();
    frame.write(kind);
    frame.write(utf8(room).length);
    frame.writeBytes(utf8(room));
    frame.write(utf8(id).length);
    frame.writeBytes(utf8(id));
    for (int b : payload) {
      frame.write(b);
    }
    return frame.toByteArray();
  }

  private static ClientFrame decode(int... bytes) {
    byte[] frame = new byte[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      frame[i] = (byte) bytes[i];
    }
    return decode(frame);
  }

  /** From the middle of a larger array, whose rest must not be reached. */
  private static ClientFrame decode(byte[] frame) {
    byte[] around = new byte[frame.length + 300];
    Arrays.fill(around, (byte) 1);
    System.arraycopy(frame, 0, around, 5, frame.length);
    return FRAMES.binary(around, 5, frame.length);
  }
}
