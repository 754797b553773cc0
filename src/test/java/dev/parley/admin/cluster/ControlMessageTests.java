package dev.parley.admin.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ControlMessageTests {
  private static final InstanceName A = new InstanceName("a-00000001");
  private static final InstanceName B = new InstanceName("b.example-00000002");

  @Test
  void whatIsEncodedIsDecoded() {
    ControlMessage question =
        new ControlMessage(
            ControlMessage.Kind.ASK, "id", A, ControlMessage.EVERYBODY, "{\n}".getBytes(UTF_8));
    ControlMessage decoded = decode(question);
    assertThat(decoded).usingRecursiveComparison().isEqualTo(question);
    assertThat(decoded.isFor(B)).isTrue();
    ControlMessage answer = decode(decoded.answer(B, new byte[] {'1'}));
    assertThat(answer.ask()).isEqualTo("id");
    assertThat(answer.from()).isEqualTo(B);
    assertThat(answer.isFor(A)).isTrue();
    assertThat(answer.isFor(B)).isFalse();
  }

  @Test
  void anAnswerThatIsTooLargeIsAFailure() {
    ControlMessage question = ControlMessage.hello(A);
    assertThat(question.answer(B, new byte[ControlMessage.MAX_BYTES]).kind())
        .isEqualTo(ControlMessage.Kind.FAILED);
    assertThat(question.answer(B, null).kind()).isEqualTo(ControlMessage.Kind.FAILED);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "\n",
        "HELLO - a-00000001 *",
        "HELLO - a-00000001\n",
        "HELLO - A *\n",
        "WHAT - a-00000001 *\n",
        "HELLO - a-00000001 * *\n"
      })
  void whatIsNoneOfOursIsPassedOver(String message) {
    assertThat(ControlMessage.decode(message.getBytes(UTF_8))).isNull();
  }

  @Test
  void anyBytesAreDecodedOrPassedOver() {
    Random random = new Random(1);
    for (int i = 0; i < 10_000; i++) {
      byte[] bytes = new byte[random.nextInt(300)];
      random.nextBytes(bytes);
      assertThat(ControlMessage.decode(bytes)).isNull();
    }
  }

  private static ControlMessage decode(ControlMessage message) {
    return Objects.requireNonNull(ControlMessage.decode(message.encode()));
  }
}
