package dev.parley.protocol;

import static dev.parley.protocol.Decoding.payload;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WebSocketFramingTests {

  @ParameterizedTest
  @CsvSource({
    "0,8200",
    "125,827d",
    "126,827e007e",
    "127,827e007f",
    "65535,827effff",
    "65536,827f0000000000010000"
  })
  void lengthTakesItsShortestForm(int length, String header) {
    byte[] frame = WebSocketFraming.binary(new byte[length]);
    assertThat(frame).hasSize(length + header.length() / 2);
    assertThat(HexFormat.of().formatHex(frame, 0, header.length() / 2)).isEqualTo(header);
    assertThat(WebSocketFraming.headerLength(length)).isEqualTo(header.length() / 2);
  }

  @Test
  void headerIsWrittenWhereItIsWanted() {
    byte[] to = new byte[8];
    int at = WebSocketFraming.writeHeader(to, 3, WebSocketFraming.TEXT, 300);
    assertThat(at).isEqualTo(7);
    assertThat(to).containsExactly(0, 0, 0, 0x81, 126, 1, 44, 0);
  }

  @Test
  void framesCarryTheirPayload() {
    byte[] payload = {1, 2, 3};
    assertThat(payload(WebSocketFraming.TEXT, WebSocketFraming.text(payload))).isEqualTo(payload);
    assertThat(payload(WebSocketFraming.BINARY, WebSocketFraming.binary(payload)))
        .isEqualTo(payload);
    assertThat(payload(WebSocketFraming.PING, WebSocketFraming.ping(payload))).isEqualTo(payload);
    assertThat(payload(WebSocketFraming.PONG, WebSocketFraming.pong(payload))).isEqualTo(payload);
  }

  @Test
  void closeCarriesCodeAndReason() {
    assertThat(WebSocketFraming.close(4001, "é"))
        .containsExactly(0x88, 4, 4001 >>> 8, 4001 & 0xFF, 0xC3, 0xA9);
  }

  @Test
  void everyCloseReasonFits() {
    for (CloseCode code : CloseCode.values()) {
      assertThat(WebSocketFraming.close(code.code(), code.reason())[0] & 0xFF).isEqualTo(0x88);
    }
  }

  @Test
  void controlFramesAreSmall() {
    assertThat(WebSocketFraming.pong(new byte[125])).hasSize(127);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> WebSocketFraming.ping(new byte[126]))
        .withMessage("control payload of 126 bytes");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> WebSocketFraming.close(1000, "x".repeat(124)));
  }
}
