package dev.parley.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MessageBodyTests {
  private static final RoomName ROOM = new RoomName("lobby");

  @Test
  void aBodyIsAMessageToTheRoom() {
    assertThat(decode("c3bc"))
        .isInstanceOfSatisfying(
            ClientFrame.Message.class,
            message -> {
              assertThat(message.room()).isEqualTo(ROOM);
              assertThat(message.content().bytes()).isEqualTo(Decoding.utf8("\"ü\""));
            });
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "c080",
        "c1bf",
        "e08080",
        "eda080",
        "f0808080",
        "f4908080",
        "f8",
        "ff",
        "80",
        "c3",
        "e282"
      })
  void aBodyThatIsNoUtf8IsInvalidJson(String hex) {
    assertThat(decode(hex))
        .isEqualTo(new ClientFrame.Refused(ErrorCode.INVALID_JSON, null, null, ROOM, null));
  }

  /** A body whose content is a string of these bytes. */
  private static ClientFrame decode(String hex) {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    body.writeBytes(Decoding.utf8("{\"content\":\""));
    body.writeBytes(HexFormat.of().parseHex(hex));
    body.writeBytes(Decoding.utf8("\"}"));
    return MessageBody.decode(ROOM, null, body.toByteArray());
  }
}
