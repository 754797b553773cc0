package dev.parley.protocol;

import static dev.parley.protocol.Decoding.FRAMES;
import static dev.parley.protocol.Decoding.refused;
import static dev.parley.protocol.ErrorCode.INVALID_JSON;
import static dev.parley.protocol.ErrorCode.INVALID_MESSAGE;
import static dev.parley.protocol.ErrorCode.INVALID_ROOM;
import static dev.parley.protocol.ErrorCode.UNKNOWN_TYPE;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.Charset;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ClientFramesRefusalTests {
  private static final String TOO_LONG = "x".repeat(65);

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "null",
        "[]",
        "\"a\"",
        "1",
        "{",
        "{\"type\":\"ping\"",
        "{\"type\":\"ping\"}}",
        "{\"type\":\"ping\"} {}",
        "{\"type\":\"ping\"},",
        "{\"type\":\"ping\",}",
        "{'type':'ping'}",
        "{type:\"ping\"}",
        "{\"type\":\"ping\",\"a\":01}",
        "{\"type\":\"ping\",\"a\":+1}",
        "{\"type\":\"ping\",\"a\":.5}",
        "{\"type\":\"ping\",\"a\":1.}",
        "{\"type\":\"ping\",\"a\":NaN}",
        "{\"type\":\"ping\",\"a\":tru}",
        "{\"type\":\"ping\",\"a\":truex}",
        "{\"type\":\"ping\",\"a\":[1,]}",
        "{\"type\":\"ping\",\"a\":[1 2]}",
        "{\"type\":\"ping\",\"a\":\"\t\"}",
        "{\"type\":\"ping\",\"a\":\"\\x\"}",
        "{\"type\":\"ping\",\"a\":\"\\u12g4\"}",
        "{\"type\":\"ping\",\"\\x\":1}",
        "{\"type\":\"ping\"/**/}",
        "\uFEFF{\"type\":\"ping\"}",
        "{\"type\":\"ping\"}\u0000",
        "\f{\"type\":\"ping\"}",
        "{\u00a0\"type\":\"ping\"}"
      })
  void whatIsNoJsonObjectIsInvalidJson(String text) {
    assertThat(refused(text))
        .isEqualTo(new ClientFrame.Refused(INVALID_JSON, null, null, null, null));
  }

  @ParameterizedTest
  @ValueSource(strings = {"UTF-16LE", "UTF-16BE", "UTF-32LE", "UTF-32BE"})
  void otherEncodingsAreInvalidJson(String charset) {
    byte[] frame = "{\"type\":\"ping\"}".getBytes(Charset.forName(charset));
    assertThat(FRAMES.text(frame, 0, frame.length))
        .isEqualTo(new ClientFrame.Refused(INVALID_JSON, null, null, null, null));
  }

  @ParameterizedTest
  @ValueSource(ints = {64, 65, 10_000})
  void deeperThanSixtyFourIsInvalidJson(int depth) {
    String content = "[".repeat(depth) + "]".repeat(depth);
    assertThat(refused("{\"type\":\"message\",\"content\":" + content + "}").code())
        .isEqualTo(INVALID_JSON);
    assertThat(refused("{\"type\":\"ping\",\"unknown\":" + content + "}").code())
        .isEqualTo(INVALID_JSON);
  }

  @ParameterizedTest
  @ValueSource(strings = {"receipt", "presence", "refresh", "", "Ping", "ping ", "deleted"})
  void typesThatDoNotExistAreUnknown(String type) {
    assertThat(refused("{\"type\":\"" + type + "\",\"ref\":\"r\",\"offset\":1}"))
        .isEqualTo(new ClientFrame.Refused(UNKNOWN_TYPE, "r", null, null, null));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{}                                                                     | /type",
        "{\"type\":null}                                                        | /type",
        "{\"type\":1}                                                           | /type",
        "{\"type\":[\"ping\"]}                                                  | /type",
        "{\"type\":\"ping\",\"type\":\"ping\"}                                  | /type",
        "{\"type\":\"ping\",\"ref\":1}                                          | /ref",
        "{\"type\":\"ping\",\"ref\":\"\"}                                       | /ref",
        "{\"type\":\"ping\",\"ref\":null,\"ref\":\"a\"}                         | /ref",
        "{\"type\":\"message\"}                                                 | /content",
        "{\"type\":\"message\",\"content\":1,\"content\":1}                     | /content",
        "{\"type\":\"message\",\"content\":1,\"id\":7}                          | /id",
        "{\"type\":\"message\",\"content\":1,\"id\":\"\"}                       | /id",
        "{\"type\":\"message\",\"content\":1,\"name\":{}}                       | /name",
        "{\"type\":\"message\",\"content\":1,\"name\":\"\"}                     | /name",
        "{\"type\":\"message\",\"content\":1,\"key\":false}                     | /key",
        "{\"type\":\"message\",\"content\":1,\"key\":\"\"}                      | /key",
        "{\"type\":\"message\",\"content\":1,\"echo\":\"true\"}                 | /echo",
        "{\"type\":\"message\",\"content\":1,\"echo\":0}                        | /echo",
        "{\"type\":\"message\",\"content\":1,\"room\":5}                        | /room",
        "{\"type\":\"signal\"}                                                  | /name",
        "{\"type\":\"signal\",\"name\":null}                                    | /name",
        "{\"type\":\"signal\",\"name\":\"n\",\"data\":1,\"data\":2}             | /data",
        "{\"type\":\"typing\"}                                                  | /active",
        "{\"type\":\"typing\",\"active\":null}                                  | /active",
        "{\"type\":\"typing\",\"active\":1}                                     | /active",
        "{\"type\":\"read\"}                                                    | /offset",
        "{\"type\":\"read\",\"offset\":null}                                    | /offset",
        "{\"type\":\"read\",\"offset\":\"5\"}                                   | /offset",
        "{\"type\":\"read\",\"offset\":-1}                                      | /offset",
        "{\"type\":\"read\",\"offset\":1.0}                                     | /offset",
        "{\"type\":\"read\",\"offset\":9007199254740992}                        | /offset",
        "{\"type\":\"read\",\"offset\":1,\"offset\":1}                          | /offset",
        "{\"type\":\"reads\",\"limit\":0}                                       | /limit",
        "{\"type\":\"reads\",\"limit\":1001}                                    | /limit",
        "{\"type\":\"reads\",\"after\":5}                                       | /after",
        "{\"type\":\"reads\",\"after\":\"\"}                                    | /after",
        "{\"type\":\"reads\",\"after\":\"7:ann\"}                               | /after",
        "{\"type\":\"reads\",\"after\":\"YW5u\"}                                | /after",
        "{\"type\":\"reads\",\"after\":\"MDphbm4\"}                             | /after",
        "{\"type\":\"unread\"}                                                  | /rooms",
        "{\"type\":\"unread\",\"rooms\":null}                                   | /rooms",
        "{\"type\":\"unread\",\"rooms\":\"a\"}                                  | /rooms",
        "{\"type\":\"unread\",\"rooms\":[]}                                     | /rooms",
        "{\"type\":\"unread\",\"rooms\":[\"a\",7]}                              | /rooms/1",
        "{\"type\":\"unread\",\"rooms\":[{\"room\":\"a\"}]}                     | /rooms/0",
        "{\"type\":\"unread\",\"rooms\":[\"a\",\"b\",\"a\"]}                    | /rooms/2",
        "{\"type\":\"leave\",\"room\":{}}                                       | /room",
        "{\"type\":\"history\",\"limit\":0}                                     | /limit",
        "{\"type\":\"history\",\"limit\":1001}                                  | /limit",
        "{\"type\":\"history\",\"limit\":1.0}                                   | /limit",
        "{\"type\":\"history\",\"limit\":1e1}                                   | /limit",
        "{\"type\":\"history\",\"limit\":\"5\"}                                 | /limit",
        "{\"type\":\"history\",\"before\":-1}                                   | /before",
        "{\"type\":\"history\",\"after\":9007199254740992}                      | /after",
        "{\"type\":\"history\",\"after\":-1}                                    | /after",
        "{\"type\":\"history\",\"after\":99999999999999999999999}               | /after",
        "{\"type\":\"history\",\"before\":1,\"after\":1}                        | /before",
        "{\"type\":\"join\",\"last\":-1}                                        | /last",
        "{\"type\":\"join\",\"last\":10001}                                     | /last",
        "{\"type\":\"join\",\"last\":true}                                      | /last",
        "{\"type\":\"join\",\"username\":5}                                     | /username",
        "{\"type\":\"join\",\"username\":\"a\\nb\"}                             | /username",
        "{\"type\":\"join\",\"username\":\"a\\u0085b\"}                         | /username",
        "{\"type\":\"join\",\"since\":5}                                        | /since",
        "{\"type\":\"join\",\"since\":[]}                                       | /since",
        "{\"type\":\"join\",\"since\":{}}                                       | /since/epoch",
        "{\"type\":\"join\",\"since\":{\"epoch\":\"e\"}}                        | /since/offset",
        "{\"type\":\"join\",\"since\":{\"epoch\":1,\"offset\":1}}               | /since/epoch",
        "{\"type\":\"join\",\"since\":{\"epoch\":\"e\",\"offset\":-1}}          | /since/offset",
        "{\"type\":\"join\",\"since\":{\"epoch\":\"e\",\"offset\":1.5}}         | /since/offset",
        "{\"type\":\"join\",\"since\":{\"epoch\":\"e\",\"epoch\":\"e\",\"offset\":1}} | /since/epoch",
        "{\"type\":\"join\",\"since\":{\"epoch\":\"e\",\"offset\":9007199254740992}} | /since/offset",
        "{\"type\":\"join\",\"rooms\":[]}                                       | /rooms",
        "{\"type\":\"join\",\"rooms\":{}}                                       | /rooms",
        "{\"type\":\"join\",\"rooms\":3}                                        | /rooms",
        "{\"type\":\"join\",\"rooms\":[\"a\"]}                                  | /rooms/0",
        "{\"type\":\"join\",\"rooms\":[{\"room\":\"a\"},{}]}                    | /rooms/1/room",
        "{\"type\":\"join\",\"rooms\":[{\"room\":null}]}                        | /rooms/0/room",
        "{\"type\":\"join\",\"rooms\":[{\"room\":\"a\"},{\"room\":\"a\"}]}      | /rooms/1/room",
        "{\"type\":\"join\",\"rooms\":[{\"room\":\"a\",\"room\":\"b\"}]}        | /rooms/0/room",
        "{\"type\":\"join\",\"rooms\":[{\"room\":\"a\",\"since\":1}]}           | /rooms/0/since",
        "{\"type\":\"join\",\"rooms\":[{\"room\":\"a\",\"since\":{}}]}          | /rooms/0/since/epoch",
        "{\"type\":\"join\",\"room\":\"a\",\"rooms\":[{\"room\":\"b\"}]}        | /rooms",
        "{\"type\":\"join\",\"since\":{},\"rooms\":[{\"room\":\"b\"}]}          | /since"
      })
  void brokenFieldsAreInvalidAndNamed(String json, String path) {
    assertThat(refused(json).code()).isEqualTo(INVALID_MESSAGE);
    assertThat(refused(json).path()).isEqualTo(path);
  }

  @ParameterizedTest
  @ValueSource(strings = {"ref", "id", "name", "key"})
  void stringsAboveSixtyFourUnitsAreInvalid(String field) {
    assertThat(
            refused("{\"type\":\"message\",\"content\":1,\"" + field + "\":\"" + TOO_LONG + "\"}"))
        .isEqualTo(new ClientFrame.Refused(INVALID_MESSAGE, null, null, null, "/" + field));
  }

  @Test
  void epochsAndUsernamesAboveSixtyFourUnitsAreInvalid() {
    assertThat(
            refused("{\"type\":\"join\",\"since\":{\"epoch\":\"" + TOO_LONG + "\",\"offset\":0}}")
                .path())
        .isEqualTo("/since/epoch");
    assertThat(refused("{\"type\":\"join\",\"username\":\"" + TOO_LONG + "\"}").path())
        .isEqualTo("/username");
  }

  @Test
  void moreThanAHundredRoomsAreInvalid() {
    String rooms =
        IntStream.range(0, 101)
            .mapToObj(i -> "{\"room\":\"r" + i + "\"}")
            .collect(Collectors.joining(","));
    assertThat(refused("{\"type\":\"join\",\"rooms\":[" + rooms + "]}"))
        .isEqualTo(new ClientFrame.Refused(INVALID_MESSAGE, null, null, null, "/rooms"));
  }

  @Test
  void unreadOfMoreThanAHundredRoomsOrOfABadNameIsRefused() {
    String rooms =
        IntStream.range(0, 101).mapToObj(i -> "\"r" + i + "\"").collect(Collectors.joining(","));
    assertThat(refused("{\"type\":\"unread\",\"rooms\":[" + rooms + "]}"))
        .isEqualTo(new ClientFrame.Refused(INVALID_MESSAGE, null, null, null, "/rooms"));
    assertThat(refused("{\"type\":\"unread\",\"ref\":\"r\",\"rooms\":[\"a\",\"a b\"]}"))
        .isEqualTo(new ClientFrame.Refused(INVALID_ROOM, "r", null, null, "/rooms/1"));
  }

  @ParameterizedTest
  @CsvSource({"leave,", "leave,a b", "message,ä", "join,a/b", "typing,a\\u0000", "history,a\\n"})
  void roomsOutsideTheAlphabetAreInvalidRooms(String type, @Nullable String room) {
    String name = room == null ? "" : room;
    assertThat(
            refused(
                "{\"room\":\"%s\",\"type\":\"%s\",\"ref\":\"r\",\"content\":0,\"active\":true}"
                    .formatted(name, type)))
        .isEqualTo(new ClientFrame.Refused(INVALID_ROOM, "r", null, null, "/room"));
  }

  @Test
  void roomsOfABatchAreInvalidByTheirPlace() {
    assertThat(refused("{\"type\":\"join\",\"rooms\":[{\"room\":\"a\"},{\"room\":\"a b\"}]}"))
        .isEqualTo(new ClientFrame.Refused(INVALID_ROOM, null, null, null, "/rooms/1/room"));
  }

  @Test
  void refusalCarriesWhatStandsBeforeAndBehindTheFault() {
    assertThat(
            refused(
                "{\"ref\":\"r\",\"type\":\"message\",\"echo\":7,\"content\":1,\"id\":\"i\",\"room\":\"a\"}"))
        .isEqualTo(new ClientFrame.Refused(INVALID_MESSAGE, "r", "i", new RoomName("a"), "/echo"));
    assertThat(refused("{\"type\":5,\"room\":\"a\",\"id\":\"i\",\"ref\":\"r\"}"))
        .isEqualTo(new ClientFrame.Refused(INVALID_MESSAGE, "r", "i", new RoomName("a"), "/type"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"type\":\"message\",\"content\":{\"a\":[\"\\ud800\"]}}             | /content/a/0",
        "{\"type\":\"message\",\"content\":\"\\uDC00\"}                       | /content",
        "{\"type\":\"message\",\"content\":\"\\ud800\\ud800\\udc00\"}         | /content",
        "{\"type\":\"message\",\"content\":\"\\ud800\\\\udc00\"}              | /content",
        "{\"type\":\"message\",\"content\":{\"a/b~\":\"\\udfff\"}}            | /content/a~1b~0",
        "{\"type\":\"message\",\"content\":1,\"unknown\":[1,\"\\ud8ff\"]}     | /unknown/1",
        "{\"type\":\"signal\",\"name\":\"n\",\"data\":[[\"\\uDBFF\"]]}        | /data/0/0",
        "{\"type\":\"join\",\"username\":\"\\ud800\"}                         | /username",
        "{\"type\":\"\\ud800\"}                                               | /type"
      })
  void loneSurrogatesAreInvalidAndNamed(String json, String path) {
    assertThat(refused(json).code()).isEqualTo(INVALID_MESSAGE);
    assertThat(refused(json).path()).isEqualTo(path);
  }

  @Test
  void loneSurrogateInANameIsNamedByItsObject() {
    assertThat(refused("{\"type\":\"message\",\"content\":{\"a\":{\"\\udfff\":1}}}"))
        .isEqualTo(new ClientFrame.Refused(INVALID_MESSAGE, null, null, null, "/content/a"));
    assertThat(refused("{\"type\":\"ping\",\"\\ud800\":1}"))
        .isEqualTo(new ClientFrame.Refused(INVALID_MESSAGE, null, null, null, ""));
  }

  @Test
  void loneSurrogatesAreNeverEchoed() {
    assertThat(refused("{\"type\":\"ping\",\"ref\":\"\\ud800\",\"id\":\"i\"}"))
        .isEqualTo(new ClientFrame.Refused(INVALID_MESSAGE, null, "i", null, "/ref"));
  }

  @Test
  void pathStaysShortHoweverLongTheNamesAre() {
    String name = "n".repeat(10_000);
    assertThat(refused("{\"type\":\"message\",\"content\":{\"" + name + "\":\"\\ud800\"}}").path())
        .isEqualTo("/content");
    assertThat(refused("{\"type\":\"ping\",\"" + name + "\":\"\\ud800\"}").path()).isEmpty();
  }
}
