package dev.parley.broker.redis;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.parley.broker.Entry;
import dev.parley.broker.Typing;
import dev.parley.protocol.Content.Form;
import dev.parley.protocol.UserId;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PayloadTests {
  private static final Entry ENTRY =
      new Entry(Form.BINARY, false, 1, 2, 3, new byte[191], "tail".getBytes(UTF_8), null);

  @Test
  void entryIsAsLongAsItsPartsAndReadsBack() {
    byte[] bytes = Payload.encode(ENTRY);

    assertThat(bytes).hasSize(27 + 191 + 4);
    assertThat(Payload.entry(bytes)).usingRecursiveComparison().isEqualTo(ENTRY);
  }

  @Test
  void signalAndTypingReadBack() {
    Typing typing = new Typing(-5, 6, new UserId("u".repeat(127)), "ü".repeat(64), false);

    assertThat(Payload.decode(Payload.signal(ENTRY)))
        .usingRecursiveComparison()
        .isEqualTo(new Payload.Signal(ENTRY));
    assertThat(Payload.decode(Payload.typing(typing))).isEqualTo(new Payload.Typed(typing));
  }

  @Test
  void anyBytesGiveAPayloadOrNone() {
    Random random = new Random(1);
    byte[] signal = Payload.signal(ENTRY);
    byte[] typing = Payload.typing(new Typing(1, 2, new UserId("ann"), "Ann", true));
    for (int i = 0; i < 20_000; i++) {
      byte[] bytes = (i % 2 == 0 ? signal : typing).clone();
      bytes[1] = (byte) (1 + random.nextInt(6));
      for (int flips = random.nextInt(4); flips >= 0; flips--) {
        bytes[2 + random.nextInt(bytes.length - 2)] = (byte) random.nextInt();
      }
      byte[] some = Arrays.copyOf(bytes, random.nextInt(bytes.length + 1));
      assertThatCode(() -> Payload.decode(some)).doesNotThrowAnyException();
      assertThatCode(() -> Payload.decode(bytes)).doesNotThrowAnyException();
    }
  }
}
