package dev.parley.protocol;

import static dev.parley.protocol.Decoding.FRAMES;
import static dev.parley.protocol.Decoding.payload;
import static dev.parley.protocol.Decoding.string;
import static dev.parley.protocol.Decoding.utf8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Whatever arrives is answered: a frame that can be passed on, or a refusal with a code of the
 * documented ones. A failure names its seed and input; put the seed into {@link #SEED} to repeat
 * it.
 */
@Timeout(120)
class ClientFramesFuzzTests {
  private static final long SEED = System.nanoTime();
  private static final JsonMapper JSON =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNameLength(Integer.MAX_VALUE)
                          .maxNumberLength(Integer.MAX_VALUE)
                          .maxStringLength(Integer.MAX_VALUE)
                          .build())
                  .build())
          .build();
  private static final UserId USER = new UserId("u");
  private static final Set<ErrorCode> TEXT_CODES =
      Set.of(
          ErrorCode.INVALID_JSON,
          ErrorCode.INVALID_MESSAGE,
          ErrorCode.UNKNOWN_TYPE,
          ErrorCode.INVALID_ROOM);
  private static final Set<ErrorCode> BINARY_CODES =
      Set.of(ErrorCode.INVALID_MESSAGE, ErrorCode.INVALID_ROOM);

  private static final List<String> VALID =
      List.of(
          "{\"type\":\"join\",\"ref\":\"1\",\"room\":\"a\",\"since\":{\"epoch\":\"AAAAAAAAAAEAAAAAAAAAAg\",\"offset\":5},\"last\":3,\"username\":\"Ann\"}",
          "{\"type\":\"join\",\"rooms\":[{\"room\":\"a\"},{\"room\":\"b\",\"since\":{\"epoch\":\"x\",\"offset\":0}}]}",
          "{\"type\":\"leave\",\"room\":\"a\",\"ref\":\"2\"}",
          "{\"type\":\"message\",\"room\":\"a\",\"id\":\"é\\u00e9\",\"name\":\"n\",\"key\":\"k\",\"echo\":false,\"content\":{\"t\":\"hi \\ud83d\\ude00 😀\",\"n\":[1,-2.5e3,true,null]}}",
          "{ \"content\" : [ 1 , { } ] , \"type\" : \"message\" , \"ref\" : \"r\" }",
          "{\"type\":\"signal\",\"name\":\"move\",\"data\":{\"x\":1}}",
          "{\"type\":\"typing\",\"active\":true}",
          "{\"type\":\"history\",\"room\":\"a\",\"before\":100,\"limit\":10}",
          "{\"type\":\"read\",\"room\":\"a\",\"offset\":7}",
          "{\"type\":\"reads\",\"room\":\"a\",\"after\":\"NzphbmU\",\"limit\":10}",
          "{\"type\":\"unread\",\"rooms\":[\"a\",\"b\"],\"ref\":\"u\"}",
          "{\"type\":\"ping\",\"ref\":\"p\"}");

  private static final List<String> FIELDS =
      List.of(
          "type",
          "ref",
          "id",
          "room",
          "rooms",
          "since",
          "last",
          "username",
          "content",
          "name",
          "key",
          "echo",
          "data",
          "active",
          "before",
          "after",
          "limit",
          "epoch",
          "offset",
          "other");

  private static final List<String> VALUES =
      List.of(
          "null",
          "true",
          "false",
          "0",
          "-0",
          "-1",
          "1",
          "1.0",
          "1e2",
          "9007199254740991",
          "9007199254740992",
          "123456789012345678901234567890",
          "\"\"",
          "\"a\"",
          "\"a b\"",
          "\"\\ud800\"",
          "\"\\udc00\\ud800\"",
          "\"\\u0000\"",
          "\"\u0085\"",
          "[]",
          "{}",
          "[{}]",
          "[[]]",
          "[null]",
          "[{\"room\":\"a\"}]",
          "[\"a\",\"b\"]",
          "[\"a\",\"a\"]",
          "[\"a b\"]",
          "\"NzphbmU\"",
          "[{\"room\":1}]",
          "[{\"room\":\"a\",\"since\":3}]",
          "{\"epoch\":1}",
          "{\"epoch\":\"e\",\"offset\":\"1\"}",
          "{\"offset\":{},\"epoch\":[]}");

  private static final List<String> TYPES =
      List.of(
          "join", "leave", "message", "signal", "typing", "history", "read", "reads", "unread",
          "ping", "x");

  private final Random random = new Random(SEED);

  @Test
  void randomBytes() {
    for (int round = 0; round < 100_000; round++) {
      byte[] bytes = new byte[random.nextInt(64)];
      random.nextBytes(bytes);
      check(bytes);
    }
  }

  @Test
  void randomTokens() {
    String[] tokens = {
      "{", "}", "[", "]", ",", ":", "\"", "\"type\"", "\"ping\"", "\\", "\\u", "d800", "1", "-",
      ".", "e", "null", "true", " ", "\n", "\t", "\u0000", "\uFEFF", "é", "😀", "/", "*", "\"room\""
    };
    for (int round = 0; round < 100_000; round++) {
      StringBuilder text = new StringBuilder(random.nextBoolean() ? "{\"type\":\"message\"," : "");
      for (int i = random.nextInt(20); i > 0; i--) {
        text.append(tokens[random.nextInt(tokens.length)]);
      }
      check(utf8(text.toString()));
    }
  }

  @Test
  void mutatedFrames() {
    for (int round = 0; round < 200_000; round++) {
      byte[] bytes = utf8(VALID.get(random.nextInt(VALID.size())));
      for (int i = 1 + random.nextInt(4); i > 0; i--) {
        bytes = mutate(bytes);
      }
      check(bytes);
    }
  }

  @Test
  void truncatedFrames() {
    for (String valid : VALID) {
      byte[] bytes = utf8(valid);
      for (int length = 0; length < bytes.length; length++) {
        byte[] text = Arrays.copyOf(bytes, length);
        if (!Utf8.isValid(text, 0, length)) {
          continue;
        }
        assertThat(decode(text, false))
            .as(valid.substring(0, Math.min(length, valid.length())))
            .isEqualTo(new ClientFrame.Refused(ErrorCode.INVALID_JSON, null, null, null, null));
      }
      assertThat(decode(bytes, false)).isNotInstanceOf(ClientFrame.Refused.class);
    }
  }

  @Test
  void everyValueInEveryField() {
    for (String type : TYPES) {
      for (String field : FIELDS) {
        for (String value : VALUES) {
          check(utf8("{\"type\":\"%s\",\"%s\":%s}".formatted(type, field, value)));
          check(
              utf8(
                  "{\"%s\":%s,\"content\":1,\"name\":\"n\",\"active\":true,\"type\":\"%s\"}"
                      .formatted(field, value, type)));
        }
      }
    }
  }

  @Test
  void randomFieldsWithRandomValues() {
    for (int round = 0; round < 50_000; round++) {
      StringBuilder text = new StringBuilder("{\"type\":\"");
      text.append(TYPES.get(random.nextInt(TYPES.size()))).append('"');
      for (int i = random.nextInt(6); i > 0; i--) {
        text.append(",\"").append(FIELDS.get(random.nextInt(FIELDS.size()))).append("\":");
        text.append(VALUES.get(random.nextInt(VALUES.size())));
      }
      check(utf8(text.append('}').toString()));
    }
  }

  @Test
  void deepNesting() {
    for (String open : List.of("[", "{\"a\":", "[{\"type\":")) {
      for (String head : List.of("", "{\"a\":", "{\"type\":\"message\",\"content\":")) {
        byte[] bytes = utf8(head + open.repeat(10_000));
        assertThat(decode(bytes, false))
            .isInstanceOfSatisfying(
                ClientFrame.Refused.class,
                refused -> assertThat(refused.code()).isEqualTo(ErrorCode.INVALID_JSON));
        check(bytes);
      }
    }
  }

  @Test
  void hugeStrings() {
    String huge = "\\\"é\\ud83d\\ude00".repeat(10 * 1024 * 1024 / 16);
    for (String field : FIELDS) {
      check(utf8("{\"" + field + "\":\"" + huge + "\",\"type\":\"message\"}"));
    }
    check(utf8("{\"type\":\"message\",\"" + huge + "\":1,\"content\":{\"" + huge + "\":1}}"));
    check(utf8("{\"type\":\"message\",\"content\":\"" + huge + "\\ud800\"}"));
    String number = "1".repeat(10 * 1024 * 1024);
    assertThat(decode(utf8("{\"type\":\"message\",\"content\":" + number + "}"), false))
        .isInstanceOfSatisfying(
            ClientFrame.Message.class,
            message -> assertThat(message.content().bytes()).isEqualTo(utf8(number)));
    check(utf8("{\"type\":\"history\",\"limit\":" + "1".repeat(10 * 1024 * 1024) + "}"));
    check(utf8(" ".repeat(10 * 1024 * 1024)));
  }

  @Test
  void binaryHeadersThatLie() {
    for (int round = 0; round < 100_000; round++) {
      byte[] bytes = new byte[random.nextInt(300)];
      random.nextBytes(bytes);
      for (int i = 0; i < Math.min(bytes.length, 5); i++) {
        if (random.nextBoolean()) {
          bytes[i] = (byte) random.nextInt(4);
        }
      }
      check(bytes);
    }
  }

  private byte[] mutate(byte[] bytes) {
    if (bytes.length == 0) {
      return bytes;
    }
    int at = random.nextInt(bytes.length);
    int length = random.nextInt(Math.min(8, bytes.length - at) + 1);
    byte[] mutated;
    switch (random.nextInt(5)) {
      case 0 -> {
        mutated = bytes.clone();
        mutated[at] = (byte) random.nextInt(256);
      }
      case 1 -> {
        mutated = bytes.clone();
        mutated[at] ^= (byte) (1 << random.nextInt(8));
      }
      case 2 -> mutated = splice(bytes, at, length, new byte[0]);
      case 3 -> mutated = splice(bytes, at, 0, Arrays.copyOfRange(bytes, at, at + length));
      default ->
          mutated = splice(bytes, at, length, utf8(VALUES.get(random.nextInt(VALUES.size()))));
    }
    return mutated;
  }

  private static byte[] splice(byte[] bytes, int at, int removed, byte[] inserted) {
    byte[] spliced = new byte[bytes.length - removed + inserted.length];
    System.arraycopy(bytes, 0, spliced, 0, at);
    System.arraycopy(inserted, 0, spliced, at, inserted.length);
    System.arraycopy(
        bytes, at + removed, spliced, at + inserted.length, bytes.length - at - removed);
    return spliced;
  }

  private static void check(byte[] bytes) {
    for (boolean binary : new boolean[] {false, true}) {
      if (!binary && !Utf8.isValid(bytes, 0, bytes.length)) {
        // No decoder sees such a text: its WebSocket is closed with 1007.
        continue;
      }
      try {
        checkAnswer(decode(bytes, binary), binary);
      } catch (RuntimeException | Error failure) {
        String shown = string(Arrays.copyOf(bytes, Math.min(bytes.length, 500)));
        throw new AssertionError(
            "seed %dL, binary %s, %d bytes: %s".formatted(SEED, binary, bytes.length, shown),
            failure);
      }
    }
  }

  private static ClientFrame decode(byte[] bytes, boolean binary) {
    return binary ? FRAMES.binary(bytes, 0, bytes.length) : FRAMES.text(bytes, 0, bytes.length);
  }

  private static void checkAnswer(ClientFrame frame, boolean binary) {
    switch (frame) {
      case ClientFrame.Refused refused -> checkRefusal(refused, binary);
      case ClientFrame.Message message -> checkMessage(message);
      case ClientFrame.Signal signal -> checkSignal(signal);
      case ClientFrame.Join join -> {
        assertThat(join.targets()).hasSizeBetween(1, 100).doesNotHaveDuplicates();
        assertThat(join.last()).isBetween(0, 10_000);
      }
      case ClientFrame.History history -> {
        assertThat(history.limit()).isBetween(1, 1_000);
        assertThat(history.before() != 0 && history.after() != -1).isFalse();
      }
      case ClientFrame.Read read -> assertThat(read.offset()).isBetween(0L, Position.MAX_OFFSET);
      case ClientFrame.Reads reads -> {
        assertThat(reads.limit()).isBetween(1, 1_000);
        if (reads.after() != null) {
          assertThat(reads.after().offset()).isBetween(1L, Position.MAX_OFFSET);
        }
      }
      case ClientFrame.Unread unread ->
          assertThat(unread.rooms()).hasSizeBetween(1, 100).doesNotHaveDuplicates();
      case ClientFrame.Leave _, ClientFrame.Typing _, ClientFrame.Ping _ -> {}
    }
    checkText(frame.ref());
  }

  private static void checkRefusal(ClientFrame.Refused refused, boolean binary) {
    assertThat(binary ? BINARY_CODES : TEXT_CODES).contains(refused.code());
    checkText(refused.id());
    JsonNode error =
        parse(
            payload(
                WebSocketFraming.TEXT,
                ServerFrames.encode(
                    new ServerFrame.Failure(
                        refused.ref(),
                        refused.id(),
                        refused.room(),
                        refused.code(),
                        refused.path(),
                        null))));
    assertThat(error.get("code").asString()).isEqualTo(refused.code().wireName());
    assertThat(error.path("ref").asString(null)).isEqualTo(refused.ref());
    assertThat(error.path("id").asString(null)).isEqualTo(refused.id());
    assertThat(error.path("path").asString(null)).isEqualTo(refused.path());
  }

  private static void checkMessage(ClientFrame.Message message) {
    checkText(message.id());
    checkText(message.name());
    checkText(message.key());
    MessageFrames.contentHash(message);
    Content content = message.content();
    byte[] prefix = MessageFrames.prefix(message.room());
    if (content.form() == Content.Form.BINARY) {
      byte[] tail = MessageFrames.binaryTail(USER, message.id(), content.bytes());
      JsonNode json = parse(MessageFrames.binaryAsJsonObject(prefix, 1, tail, 2));
      assertThat(json.path("id").asString(null)).isEqualTo(message.id());
      assertThat(payload(WebSocketFraming.BINARY, MessageFrames.raw(content.form(), tail)))
          .isEqualTo(content.bytes());
      return;
    }
    byte[] tail = MessageFrames.jsonTail(message, USER, "Ann", 2);
    JsonNode json = parse(MessageFrames.jsonObject(prefix, 1, tail));
    assertThat(json.path("id").asString(null)).isEqualTo(message.id());
    JsonNode value = json.get("content");
    assertThat(value).isEqualTo(parse(content.bytes()));
    byte[] raw = payload(WebSocketFraming.TEXT, MessageFrames.raw(content.form(), tail));
    assertThat(Utf8.isValid(raw, 0, raw.length)).isTrue();
    assertThat(raw).isEqualTo(value.isString() ? utf8(value.asString()) : content.bytes());
  }

  private static void checkSignal(ClientFrame.Signal signal) {
    checkText(signal.name());
    if (signal.data() == null || signal.data().form() == Content.Form.JSON) {
      JsonNode json = parse(MessageFrames.jsonSignalTail(signal.room(), signal, USER, "Ann"));
      assertThat(json.path("name").asString(null)).isEqualTo(signal.name());
      assertThat(json.has("data")).isEqualTo(signal.data() != null);
    }
  }

  private static void checkText(@Nullable String text) {
    if (text != null) {
      assertThat(text.length()).isBetween(1, 64);
      assertThat(LoneSurrogates.isIn(text)).isFalse();
    }
  }

  private static JsonNode parse(byte[] json) {
    assertThat(Utf8.isValid(json, 0, json.length)).isTrue();
    return JSON.readTree(json);
  }
}
