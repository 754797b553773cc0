package dev.parley.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.support.ParleyService;
import dev.parley.support.Received;
import dev.parley.support.TestClient;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Frames that are no messages count as well: nobody holds a lane with them, by default limits. */
@Tag("service")
@Timeout(120)
class ControlFloodTests {
  private static final int ENDLESS = 2_000_000;
  private static final int TEXT_BEGINS = 0x01;
  private static final int GOES_ON = 0x00;
  private static final int ENDS = 0x80;

  private final ParleyService service = ParleyService.shared("parley.lanes=1");
  private final String room = ParleyService.unique("flood");
  private final TestClient bystander = service.guest();

  ControlFloodTests() {
    bystander.join(room);
  }

  @AfterEach
  void othersAreServedOn() {
    assertThat(bystander.publishAcked(room, "still here").path("offset").asLong()).isPositive();
    bystander.close();
  }

  @Test
  void pingsWithoutEndAreFlooding() {
    flood(TestClient.masked(0x89, new byte[0]));
  }

  @Test
  void pongsWithoutEndAreFlooding() {
    flood(TestClient.masked(0x8A, new byte[0]));
  }

  @Test
  void emptyFragmentsWithoutEndAreFlooding() {
    flood(TestClient.masked(GOES_ON, new byte[0]));
  }

  @Test
  void fragmentsOfOneByteAreFlooding() {
    flood(TestClient.masked(GOES_ON, new byte[1]));
  }

  @Test
  void theyCountOnRawAndEchoAsWell() {
    for (String path : new String[] {"/raw/" + room, "/echo"}) {
      try (TestClient client = service.handshake(path).connect()) {
        client.rawUntilClosed(repeated(TestClient.masked(0x89, new byte[0]), 1_000), 2_000);
        assertThat(client.awaitCloseCode()).as(path).isEqualTo(4003);
      }
    }
  }

  @Test
  void aFloodBehindTheCloseHoldsNobodyUpAndIsReset() {
    byte[] ping = repeated(TestClient.masked(0x89, new byte[0]), 1_000);
    double closed = service.count("parley.closes", "code", "1000");
    try (TestClient client = service.guest()) {
      client.sendClose(1000);
      client.rawUntilClosed(ping, 100_000);
      assertThat(client.awaitCloseCode()).isEqualTo(1000);
      client.awaitEnd();
    }
    assertThat(service.count("parley.closes", "code", "1000")).isEqualTo(closed + 1);
  }

  @Test
  void pingsOfAnHonestClientAreAnswered() {
    try (TestClient client = service.guest()) {
      for (int i = 0; i < 900; i++) {
        client.frame(0x89, new byte[] {1});
      }
      client.awaitCount(901);
      assertThat(client.received().stream().filter(f -> f.opcode() == Received.PONG)).hasSize(900);
      assertThat(client.isOpen()).isTrue();
    }
  }

  @Test
  void longMessagesInManyFragmentsAreHonest() {
    String text = "\"" + "x".repeat(64_000) + "\"";
    try (TestClient client = service.guest()) {
      client.join(room);
      for (int i = 0; i < 50; i++) {
        String head = "{\"type\":\"message\",\"room\":\"" + room + "\",\"ref\":\"r" + i + "\",";
        fragmented(client, head + "\"content\":" + text + "}", 1_024);
      }
      for (int i = 0; i < 50; i++) {
        String ref = "r" + i;
        client.nextJson(frame -> frame.path("ref").asString("").equals(ref));
      }
    }
  }

  @Test
  void echoIsHeldToTheRate() {
    ParleyService slow =
        ParleyService.shared(
            "parley.lanes=1",
            "parley.limits.messages-per-second=20",
            "parley.limits.burst=5",
            "parley.limits.rooms-per-connection=3");
    try (TestClient client = slow.handshake("/echo").connect()) {
      long begun = System.nanoTime();
      for (int i = 0; i < 25; i++) {
        client.send("m" + i);
      }
      client.awaitCount(25);
      // Five at once, one in 50 ms from then on.
      assertThat(System.nanoTime() - begun).isGreaterThan(900_000_000L);
      assertThat(client.received().getLast().text()).isEqualTo("m24");
    }
  }

  private void flood(byte[] frame) {
    double before = service.count("parley.closes", "code", "4003");
    try (TestClient client = service.guest()) {
      client.frame(TEXT_BEGINS, new byte[0]);
      client.rawUntilClosed(repeated(frame, 1_000), ENDLESS / 1_000);
      assertThat(client.awaitCloseCode()).isEqualTo(4003);
    }
    assertThat(service.count("parley.closes", "code", "4003")).isEqualTo(before + 1);
  }

  private static void fragmented(TestClient client, String message, int size) {
    byte[] bytes = message.getBytes(StandardCharsets.UTF_8);
    for (int from = 0; from < bytes.length; from += size) {
      boolean last = from + size >= bytes.length;
      int opcode = from == 0 ? TEXT_BEGINS : GOES_ON;
      client.frame(
          last ? opcode | ENDS : opcode,
          Arrays.copyOfRange(bytes, from, Math.min(from + size, bytes.length)));
    }
  }

  private static byte[] repeated(byte[] frame, int times) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(frame.length * times);
    for (int i = 0; i < times; i++) {
      bytes.writeBytes(frame);
    }
    return bytes.toByteArray();
  }
}
