package dev.parley.protocol;

import static dev.parley.protocol.Decoding.payload;
import static dev.parley.protocol.Decoding.string;
import static dev.parley.protocol.Decoding.text;
import static dev.parley.protocol.Decoding.utf8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.protocol.Content.Form;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class MessageFramesTests {
  private static final RoomName ROOM = new RoomName("chat:1");
  private static final UserId USER = new UserId("u@x");
  private static final byte[] PREFIX = MessageFrames.prefix(ROOM);
  private static final String FULL =
      "{\"type\":\"message\",\"content\":[1],\"id\":\"i\",\"name\":\"n\",\"key\":\"k\"}";

  @Test
  void prefixEndsWhereTheOffsetBelongs() {
    assertThat(string(PREFIX)).isEqualTo("{\"type\":\"message\",\"room\":\"chat:1\",\"offset\":");
  }

  @Test
  void tailHoldsAllBehindTheOffset() {
    assertThat(string(tail(FULL)))
        .isEqualTo(
            """
            ,"id":"i","name":"n","user":"u@x","username":"A\\"B","timestamp":5,"key":"k",\
            "content":[1]}\
            """);
    assertThat(string(tail("{\"type\":\"message\",\"content\":null}")))
        .isEqualTo(",\"user\":\"u@x\",\"username\":\"A\\\"B\",\"timestamp\":5,\"content\":null}");
  }

  @ParameterizedTest
  @ValueSource(
      longs = {
        0,
        1,
        9,
        10,
        99,
        100,
        12_345,
        9_007_199_254_740_991L,
        999_999_999_999_999_999L,
        1_000_000_000_000_000_000L,
        Long.MAX_VALUE
      })
  void offsetIsSplicedIn(long offset) {
    byte[] tail = tail(FULL);
    String json = string(PREFIX) + offset + string(tail);
    assertThat(string(MessageFrames.jsonObject(PREFIX, offset, tail))).isEqualTo(json);
    assertThat(string(payload(WebSocketFraming.TEXT, MessageFrames.json(PREFIX, offset, tail))))
        .isEqualTo(json);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 20, 200, 70_000})
  void jsonFramesOfEverySizeAreSound(int size) {
    String content = "x".repeat(size);
    byte[] tail = tail("{\"type\":\"message\",\"content\":\"" + content + "\"}");
    JsonNode message =
        new JsonMapper()
            .readTree(payload(WebSocketFraming.TEXT, MessageFrames.json(PREFIX, 7, tail)));
    assertThat(message.get("offset").asLong()).isEqualTo(7);
    assertThat(message.get("content").asString()).isEqualTo(content);
  }

  @Test
  void binaryMessageHasTheDocumentedLayout() {
    byte[] tail = MessageFrames.binaryTail(USER, "é", new byte[] {9, -1});
    assertThat(
            payload(WebSocketFraming.BINARY, MessageFrames.binary(ROOM, 0x0102030405060708L, tail)))
        .isEqualTo(
            bytes(
                1, 6, 'c', 'h', 'a', 't', ':', '1', 1, 2, 3, 4, 5, 6, 7, 8, 3, 'u', '@', 'x', 2,
                0xC3, 0xA9, 9, 0xFF));
  }

  @Test
  void binarySignalHasOffsetZero() {
    byte[] tail = MessageFrames.binaryTail(USER, null, new byte[] {9});
    assertThat(
            payload(WebSocketFraming.BINARY, MessageFrames.binarySignal(new RoomName("a"), tail)))
        .isEqualTo(bytes(2, 1, 'a', 0, 0, 0, 0, 0, 0, 0, 0, 3, 'u', '@', 'x', 0, 9));
  }

  @Test
  void historyShowsABinaryMessageAsBase64() {
    byte[] tail = MessageFrames.binaryTail(USER, "a\"b", new byte[] {-1, -1, -2});
    assertThat(string(MessageFrames.binaryAsJsonObject(PREFIX, 12, tail, 34)))
        .isEqualTo(
            """
            {"type":"message","room":"chat:1","offset":12,"id":"a\\"b","user":"u@x",\
            "timestamp":34,"data":"///+"}\
            """);
    byte[] plain = MessageFrames.binaryTail(USER, null, new byte[0]);
    assertThat(string(MessageFrames.binaryAsJsonObject(PREFIX, 12, plain, 34)))
        .isEqualTo(
            """
            {"type":"message","room":"chat:1","offset":12,"user":"u@x","timestamp":34,"data":""}\
            """);
  }

  @Test
  void longestIdsAndUsersFitABinaryTail() {
    String id = "€".repeat(64);
    byte[] tail = MessageFrames.binaryTail(new UserId("u".repeat(127)), id, new byte[] {1});
    JsonNode json = new JsonMapper().readTree(MessageFrames.binaryAsJsonObject(PREFIX, 1, tail, 1));
    assertThat(json.get("id").asString()).isEqualTo(id);
    assertThat(json.get("user").asString()).isEqualTo("u".repeat(127));
    assertThat(json.get("data").asString()).isEqualTo("AQ==");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"\" | ``",
        "\"a b\" | a b",
        "\"\\\"\\\\\\/\" | \"\\/",
        "\"x\\u0041\\u00e9\\u20AC\\ud83d\\ude00y\" | xAé€😀y",
        "\"é€😀\" | é€😀",
        "\"\\ud800\" | \uFFFD",
        "\"\\ud800\\u0041\" | \uFFFDA",
        "\",\\\"content\\\":\" | ,\"content\":",
        "5.0 | 5.0",
        "null | null",
        "{\"a\":\"\\n\"} | {\"a\":\"\\n\"}",
        "[\"x\"] | [\"x\"]"
      })
  void rawShowsTheContentAlone(String content, String shown) {
    // Not through the decoder, which lets no lone surrogate pass.
    ClientFrame.Message message =
        new ClientFrame.Message(
            null, ROOM, new Content(Form.JSON, utf8(content)), ",\"content\":1", null, null, true);
    byte[] tail = MessageFrames.jsonTail(message, USER, ",\"content\":\"", 5);
    assertThat(string(payload(WebSocketFraming.TEXT, MessageFrames.raw(Form.JSON, tail))))
        .isEqualTo(shown);
  }

  @Test
  void rawShowsControlCharacters() {
    byte[] tail = tail("{\"type\":\"message\",\"content\":\"\\b\\f\\n\\r\\t\\u0000\"}");
    assertThat(payload(WebSocketFraming.TEXT, MessageFrames.raw(Form.JSON, tail)))
        .containsExactly(8, 12, 10, 13, 9, 0);
  }

  @Test
  void rawShowsBinaryAsBinary() {
    byte[] tail = MessageFrames.binaryTail(USER, "i", new byte[] {1, 0, -1});
    assertThat(payload(WebSocketFraming.BINARY, MessageFrames.raw(Form.BINARY, tail)))
        .containsExactly(1, 0, -1);
  }

  @Test
  void rawTextComesBackAsItWas() {
    String said = "\u0000\u001f \"\\/ é😀\u2028\n";
    byte[] around = utf8("<<" + said + ">>");
    Content content = Content.ofText(around, 2, around.length - 4);
    assertThat(new JsonMapper().readTree(content.bytes()).asString()).isEqualTo(said);
    ClientFrame.Message message =
        new ClientFrame.Message(null, ROOM, content, null, null, null, true);
    byte[] tail = MessageFrames.jsonTail(message, USER, "Ann", 5);
    assertThat(string(payload(WebSocketFraming.TEXT, MessageFrames.raw(Form.JSON, tail))))
        .isEqualTo(said);
  }

  @Test
  void signalIsOneObject() {
    ClientFrame.Signal signal =
        text(
            "{\"type\":\"signal\",\"name\":\"m\\u0001\",\"data\":{\"x\": 1}}",
            ClientFrame.Signal.class);
    byte[] tail = MessageFrames.jsonSignalTail(ROOM, signal, USER, "Ann");
    assertThat(string(payload(WebSocketFraming.TEXT, MessageFrames.signal(tail))))
        .isEqualTo(
            """
            {"type":"signal","room":"chat:1","user":"u@x","username":"Ann","name":"m\\u0001",\
            "data":{"x":1}}\
            """);
    ClientFrame.Signal bare = new ClientFrame.Signal(null, ROOM, "m", null);
    assertThat(string(MessageFrames.jsonSignalTail(ROOM, bare, USER, "Ann")))
        .isEqualTo(
            "{\"type\":\"signal\",\"room\":\"chat:1\",\"user\":\"u@x\",\"username\":\"Ann\",\"name\":\"m\"}");
  }

  @Test
  void contentHashTellsFormContentNameAndKeyApart() {
    List<ClientFrame.Message> messages =
        List.of(
            message("12", null, null, Form.JSON),
            message("12", null, null, Form.BINARY),
            message("21", null, null, Form.JSON),
            message("12", "a", null, Form.JSON),
            message("12", null, "a", Form.JSON),
            message("12", "a", "b", Form.JSON),
            message("12", "ab", null, Form.JSON),
            message("12", "b", "a", Form.JSON),
            message("1", "2", null, Form.JSON));
    Set<Integer> hashes = new HashSet<>();
    messages.forEach(message -> hashes.add(MessageFrames.contentHash(message)));
    assertThat(hashes).hasSize(messages.size());
  }

  @Test
  void contentHashIsTheSameInEveryProcessAndIgnoresWhatIsNoContent() {
    ClientFrame.Message message = message("12", "n", "k", Form.JSON);
    ClientFrame.Message again =
        new ClientFrame.Message("ref", new RoomName("b"), message.content(), "id", "n", "k", false);
    assertThat(MessageFrames.contentHash(message))
        .isEqualTo(MessageFrames.contentHash(again))
        .isEqualTo(846_832_538);
  }

  private static ClientFrame.Message message(
      String content, @Nullable String name, @Nullable String key, Form form) {
    return new ClientFrame.Message(
        null, ROOM, new Content(form, utf8(content)), null, name, key, true);
  }

  private static byte[] tail(String json) {
    return MessageFrames.jsonTail(text(json, ClientFrame.Message.class), USER, "A\"B", 5);
  }

  private static byte[] bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }
}
