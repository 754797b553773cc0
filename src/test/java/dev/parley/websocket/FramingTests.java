package dev.parley.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.support.ParleyService;
import dev.parley.support.Received;
import dev.parley.support.TestClient;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** RFC 6455 on our side of the socket: fragments, control frames, size, and how it ends. */
@Tag("service")
@Timeout(60)
class FramingTests {
  private static final int TEXT = 0x81;
  private final ParleyService service = ParleyService.withLanes(1);

  @Test
  void pingsAreAnsweredWithTheirPayload() {
    try (TestClient ann = service.guest()) {
      byte[] payload = new byte[125];
      Arrays.fill(payload, (byte) 7);
      ann.frame(0x89, payload);
      Received pong = ann.next();
      assertThat(pong.opcode()).isEqualTo(Received.PONG);
      assertThat(pong.payload()).isEqualTo(payload);
      ann.frame(0x8A, new byte[] {1});
      assertThat(ann.typesUntilPong()).as("an unasked pong is passed over").isEmpty();
    }
  }

  @Test
  void fragmentsWithPingsBetweenThemAreOneMessage() {
    try (TestClient client = service.handshake("/echo").connect()) {
      byte[] text = "grüße an alle 🙂".getBytes(StandardCharsets.UTF_8);
      client.frame(0x01, Arrays.copyOfRange(text, 0, 3));
      client.frame(0x89, new byte[] {1});
      for (int i = 3; i < text.length; i++) {
        client.frame(0x00, new byte[] {text[i]});
      }
      client.frame(0x00, new byte[0]);
      client.frame(0x89, new byte[] {2});
      client.frame(0x80, new byte[0]);
      assertThat(client.next().payload()).containsExactly(1);
      assertThat(client.next().payload()).containsExactly(2);
      assertThat(client.next().payload()).isEqualTo(text);
    }
  }

  @Test
  void theSizeIsBoundedOverAllFragments() {
    try (TestClient client = service.handshake("/echo").connect()) {
      client.send(new byte[65_536]);
      assertThat(client.next().payload()).hasSize(65_536);
      client.frame(0x02, new byte[65_000]);
      client.frame(0x00, new byte[536]);
      client.frame(0x80, new byte[0]);
      assertThat(client.next().payload()).hasSize(65_536);
      client.frame(0x02, new byte[65_000]);
      client.frame(0x80, new byte[537]);
      Received close = client.awaitClose();
      assertThat(close.closeCode()).isEqualTo(1009);
      assertThat(close.closeReason()).isEqualTo("Message too big");
      assertThat(client.awaitEnd()).isEqualTo(TestClient.End.END_OF_STREAM);
    }
  }

  @Test
  void aHeaderThatClaimsTooMuchIsRefusedBeforeItsPayload() {
    try (TestClient client = service.handshake("/echo").connect()) {
      ByteBuffer header =
          ByteBuffer.allocate(14).put((byte) 0x82).put(TestClient.length(0x80, 100_000_000L));
      client.raw(header.array());
      client.raw(new byte[70_000]);
      assertThat(client.awaitCloseCode()).isEqualTo(1009);
    }
  }

  @Test
  void theCodeReachesAClientThatGoesOnSending() {
    try (TestClient client = service.handshake("/echo").notReading().connect()) {
      client.frame(0x82, new byte[70_000]);
      for (int i = 0; i < 200; i++) {
        client.send(new byte[60_000]);
      }
      client.read();
      assertThat(client.awaitCloseCode()).isEqualTo(1009);
      assertThat(client.awaitEnd()).isEqualTo(TestClient.End.END_OF_STREAM);
    }
  }

  @Test
  void theClientsCloseIsAnsweredAndBehindItNothing() {
    try (TestClient ann = service.guest()) {
      ann.frame(0x88, closing(1000, "bye"));
      Received close = ann.awaitClose();
      assertThat(close.closeCode()).isEqualTo(1000);
      // The client may close the socket after the server: RFC 6455, section 7.1.1.
      assertThat(ann.awaitEnd()).isEqualTo(TestClient.End.END_OF_STREAM);
    }
  }

  @Test
  void theClientsCloseIsAnsweredWhateverItSendsBehindIt() {
    try (TestClient ann = service.guest()) {
      byte[] close = TestClient.masked(0x88, closing(1000, ""));
      byte[] behind = TestClient.masked(0x81, "behind".getBytes(StandardCharsets.UTF_8));
      ann.raw(
          ByteBuffer.allocate(2 * close.length + behind.length)
              .put(close)
              .put(close)
              .put(behind)
              .array());
      assertThat(ann.awaitCloseCode()).isEqualTo(1000);
    }
  }

  @Test
  void aCloseWithoutCodeIsAnsweredToo() {
    try (TestClient ann = service.guest()) {
      ann.frame(0x88, new byte[0]);
      assertThat(ann.awaitCloseCode()).isIn(1000, 1005);
      assertThat(ann.awaitEnd()).isEqualTo(TestClient.End.END_OF_STREAM);
    }
  }

  @Test
  void aHalfClosedSocketEnds() {
    String room = ParleyService.unique("half");
    try (TestClient ann = service.guest();
        TestClient ben = service.guest()) {
      ben.join(room);
      ben.next("user-joined");
      ann.join(room);
      ben.next("user-joined");
      ann.halfClose();
      ann.awaitEnd();
      ben.next("user-left");
    }
  }

  @Test
  void brokenFramesAreProtocolErrors() {
    byte[] unmasked = {(byte) TEXT, 2, 'h', 'i'};
    byte[] reservedBit = TestClient.masked(TEXT | 0x40, new byte[] {'x'});
    byte[] reservedOpcode = TestClient.masked(0x83, new byte[] {'x'});
    byte[] reservedControl = TestClient.masked(0x8B, new byte[0]);
    byte[] fragmentedControl = TestClient.masked(0x09, new byte[0]);
    byte[] largeControl = TestClient.masked(0x89, new byte[126]);
    byte[] startless = TestClient.masked(0x80, new byte[] {'x'});
    byte[] closeOfOneByte = TestClient.masked(0x88, new byte[] {3});
    byte[] closeWithReservedCode = TestClient.masked(0x88, closing(1005, ""));
    byte[] negativeLength =
        ByteBuffer.allocate(10).put((byte) 0x82).put((byte) 0xFF).putLong(-1).array();
    for (byte[] broken :
        List.of(
            unmasked,
            reservedBit,
            reservedOpcode,
            reservedControl,
            fragmentedControl,
            largeControl,
            startless,
            closeOfOneByte,
            closeWithReservedCode,
            negativeLength)) {
      try (TestClient client = service.guest()) {
        client.raw(broken);
        assertThat(client.awaitCloseCode()).as(Arrays.toString(broken)).isIn(1002, 1009);
        assertThat(client.awaitEnd()).isEqualTo(TestClient.End.END_OF_STREAM);
      }
    }
  }

  @Test
  void anInterruptedMessageIsAProtocolError() {
    try (TestClient client = service.guest()) {
      client.frame(0x01, new byte[] {'a'});
      client.frame(TEXT, new byte[] {'b'});
      assertThat(client.awaitCloseCode()).isEqualTo(1002);
    }
  }

  @Test
  void badUtf8Is1007AsSoonAsItIsSeen() {
    for (int[] bad :
        List.of(new int[] {0xC0, 0x80}, new int[] {0xED, 0xA0, 0x80}, new int[] {0xFF})) {
      byte[] bytes = new byte[bad.length];
      for (int i = 0; i < bad.length; i++) {
        bytes[i] = (byte) bad[i];
      }
      try (TestClient whole = service.guest();
          TestClient begun = service.guest()) {
        whole.frame(TEXT, bytes);
        Received close = whole.awaitClose();
        assertThat(close.closeCode()).isEqualTo(1007);
        assertThat(close.closeReason()).isEqualTo("Invalid UTF-8");
        begun.frame(0x01, bytes);
        assertThat(begun.awaitCloseCode()).isEqualTo(1007);
      }
    }
    try (TestClient cut = service.guest()) {
      cut.frame(0x01, new byte[] {(byte) 0xE2, (byte) 0x82});
      cut.frame(0x80, new byte[0]);
      assertThat(cut.awaitCloseCode()).isEqualTo(1007);
    }
  }

  private static byte[] closing(int code, String reason) {
    byte[] text = reason.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(2 + text.length).putShort((short) code).put(text).array();
  }
}
