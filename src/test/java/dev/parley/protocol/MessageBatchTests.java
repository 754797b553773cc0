package dev.parley.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MessageBatchTests {
  private static final int MOST = 3;

  @Test
  void messagesKeepTheirOrderAndTheirSizeInTheBody() {
    String first = "{\"room\":\"a\",\"content\":{ \"ü\":[ {} ] }}";
    String second = "{ \"content\" : \"}\" , \"room\" : \"b\" }";
    var items =
        (MessageBatch.Items)
            decode(" { \"x\":[{}], \"messages\" :[ %s,\n%s ] } ".formatted(first, second));
    assertThat(items.all())
        .extracting(MessageBatch.Item::bytes)
        .containsExactly(bytes(first).length, bytes(second).length);
    assertThat(items.all())
        .extracting(item -> item.message().room().value())
        .containsExactly("a", "b");
    assertThat(items.all())
        .extracting(item -> new String(item.message().content().bytes(), StandardCharsets.UTF_8))
        .containsExactly("{\"ü\":[{}]}", "\"}\"");
  }

  @Test
  void aBodyWithoutMessagesHasNone() {
    assertThat(decode("{\"rooms\":[\"a\"],\"content\":{\"messages\":[]}}"))
        .isEqualTo(new MessageBatch.None());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "x", "[]", "{\"messages\":[", "{\"messages\":[{}]} x", "{\"messages\":[{]}"})
  void whatIsNoJsonObjectIsInvalidJson(String body) {
    assertThat(decode(body)).isEqualTo(new MessageBatch.Refused(ErrorCode.INVALID_JSON, null));
  }

  @Test
  void whatIsNoUtf8IsInvalidJson() {
    byte[] body = bytes("{\"messages\":[{\"room\":\"a\",\"content\":\"ü\"}]}");
    body[body.length - 6] = (byte) 0xff;
    assertThat(MessageBatch.decode(body, MOST))
        .isEqualTo(new MessageBatch.Refused(ErrorCode.INVALID_JSON, null));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "[] | /messages",
        "[1,2,3,4] | /messages/0",
        "[{\"room\":\"a\",\"content\":1},[]] | /messages/1",
        "[{\"room\":\"a\",\"content\":1},{\"room\":\"a\"}] | /messages/1/content",
        "[{\"content\":1}] | /messages/0/room",
        "[{\"room\":null,\"content\":1}] | /messages/0/room",
        "[{\"room\":\"a\",\"room\":\"b\",\"content\":1}] | /messages/0/room",
        "[{\"room\":\"a\",\"content\":1,\"name\":7}] | /messages/0/name",
        "[{\"room\":\"a\",\"content\":[\"\\ud800\"]}] | /messages/0/content/0",
        "[],\"messages\":[{\"room\":\"a\",\"content\":1}] | /messages",
        "[{\"room\":\"a\",\"content\":1},{\"room\":\"a\",\"content\":1},{\"room\":\"a\",\"content\":1},"
            + "{\"room\":\"a\",\"content\":1}] | /messages"
      })
  void theFieldAtFaultIsNamed(String messages, String path) {
    assertThat(decode("{\"messages\":" + messages + "}"))
        .isEqualTo(new MessageBatch.Refused(ErrorCode.INVALID_MESSAGE, path));
  }

  @Test
  void aBadNameIsAnInvalidRoom() {
    assertThat(decode("{\"messages\":[{\"room\":\"a b\",\"content\":1}]}"))
        .isEqualTo(new MessageBatch.Refused(ErrorCode.INVALID_ROOM, "/messages/0/room"));
  }

  private static MessageBatch.Decoded decode(String body) {
    return MessageBatch.decode(bytes(body), MOST);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
