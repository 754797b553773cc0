package dev.parley.protocol;

import static dev.parley.protocol.Decoding.FRAMES;
import static dev.parley.protocol.Decoding.LOBBY;
import static dev.parley.protocol.Decoding.string;
import static dev.parley.protocol.Decoding.text;
import static dev.parley.protocol.Decoding.utf8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.protocol.ClientFrame.Join.Target;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClientFramesTests {
  private static final Epoch EPOCH = new Epoch(1, 2);

  @Test
  void joinOfOneRoomIsDecoded() {
    assertThat(
            text(
                """
                {"type":"join","ref":"r","room":"chat:1","last":20,"username":" Ann ",
                 "since":{"epoch":"%s","offset":9007199254740991}}\
                """
                    .formatted(EPOCH)))
        .isEqualTo(
            new ClientFrame.Join(
                "r",
                List.of(
                    new Target(
                        new RoomName("chat:1"), new Position(EPOCH, 9_007_199_254_740_991L))),
                20,
                "Ann"));
  }

  @Test
  void joinOfSeveralRoomsKeepsTheirOrder() {
    assertThat(
            text(
                """
                {"rooms":[{"room":"b"},{"since":{"offset":3,"epoch":"old"},"room":"a"},
                 {"room":"c","since":null,"more":[{}]}],"type":"join","since":null,"room":null}\
                """))
        .isEqualTo(
            new ClientFrame.Join(
                null,
                List.of(
                    new Target(new RoomName("b"), null),
                    new Target(new RoomName("a"), new Position(Epoch.NONE, 3)),
                    new Target(new RoomName("c"), null)),
                0,
                null));
  }

  @Test
  void joinTakesAHundredRooms() {
    String rooms =
        IntStream.range(0, 100)
            .mapToObj(i -> "{\"room\":\"r" + i + "\"}")
            .collect(Collectors.joining(","));
    ClientFrame.Join join =
        text("{\"type\":\"join\",\"rooms\":[" + rooms + "]}", ClientFrame.Join.class);
    assertThat(join.targets()).hasSize(100);
  }

  @Test
  void blankUsernameIsAbsent() {
    ClientFrame.Join join =
        text("{\"type\":\"join\",\"username\":\" \\t \"}", ClientFrame.Join.class);
    assertThat(join.username()).isNull();
    assertThat(join.targets()).containsExactly(new Target(LOBBY, null));
  }

  @Test
  void usernameOfSixtyFourUnitsBetweenSpacesIsTaken() {
    String name = "😀".repeat(32);
    ClientFrame.Join join =
        text("{\"type\":\"join\",\"username\":\"  " + name + "\\n\"}", ClientFrame.Join.class);
    assertThat(join.username()).isEqualTo(name);
  }

  @Test
  void messageIsDecodedWithAllItsFields() {
    ClientFrame.Message message =
        text(
            """
            {"content" : {"a" : [1, 2.50, "x y", null]} ,"type":"message","id":"i","ref":"r",
             "name":"order.created","key":"k","echo":false,"room":"chat","unknown":{"a":1,"a":2}}\
            """,
            ClientFrame.Message.class);
    assertThat(message.ref()).isEqualTo("r");
    assertThat(message.room()).isEqualTo(new RoomName("chat"));
    assertThat(message.id()).isEqualTo("i");
    assertThat(message.name()).isEqualTo("order.created");
    assertThat(message.key()).isEqualTo("k");
    assertThat(message.echo()).isFalse();
    assertThat(message.content().form()).isEqualTo(Content.Form.JSON);
    assertThat(string(message.content().bytes())).isEqualTo("{\"a\":[1,2.50,\"x y\",null]}");
  }

  @Test
  void nullIsAbsentForEveryOptionalFieldOfAMessage() {
    ClientFrame.Message message =
        text(
            """
            {"type":"message","content":null,"id":null,"ref":null,"name":null,"key":null,
             "echo":null,"room":null}\
            """,
            ClientFrame.Message.class);
    assertThat(message.room()).isEqualTo(LOBBY);
    assertThat(message.id()).isNull();
    assertThat(message.ref()).isNull();
    assertThat(message.name()).isNull();
    assertThat(message.key()).isNull();
    assertThat(message.echo()).isTrue();
    assertThat(string(message.content().bytes())).isEqualTo("null");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1",
        "-0.5e+10",
        "true",
        "\"\"",
        "\"a b\\n\\\"\\\\ \\u0041 \\\\\"",
        "\"😀 ä\"",
        "\"\\ud83d\\ude00\"",
        "[]",
        "{}",
        "[[],{},\"]}\"]",
        "{\"k \\\" {\":{\"k\":1,\"k\":2}}"
      })
  void contentIsKeptAsItWasWritten(String content) {
    for (String format :
        List.of(
            "{\"type\":\"message\",\"content\":%s}",
            "{\"content\":%s,\"type\":\"message\"}",
            "{ \"type\":\"message\", \"content\" :\n\t%s\r\n}")) {
      ClientFrame.Message message = text(format.replace("%s", content), ClientFrame.Message.class);
      assertThat(string(message.content().bytes())).isEqualTo(content);
    }
  }

  @Test
  void whitespaceOutsideStringsIsLeftOut() {
    ClientFrame.Message message =
        text(
            "{\"type\":\"message\",\"content\":\n[ 1 , {\t\"a b\" : \" \\\" \" }\r, [ ] ] }",
            ClientFrame.Message.class);
    assertThat(string(message.content().bytes())).isEqualTo("[1,{\"a b\":\" \\\" \"},[]]");
  }

  @Test
  void contentIsFoundBehindCharactersOfEveryWidth() {
    String name = "aé€😀".repeat(16);
    for (String ref : List.of("a", "é", "€", "😀", "aé€😀é€😀a")) {
      ClientFrame.Message message =
          text(
              "{\"%s\":\"%s\",\"ref\":\"%s\",\"type\":\"message\",\"content\":[\"😀\",1],\"é\":0}"
                  .formatted(name, name, ref),
              ClientFrame.Message.class);
      assertThat(message.ref()).isEqualTo(ref);
      assertThat(string(message.content().bytes())).isEqualTo("[\"😀\",1]");
    }
  }

  @Test
  void contentIsACopy() {
    byte[] frame = utf8("{\"type\":\"message\",\"content\":\"abc\"}");
    ClientFrame decoded = FRAMES.text(frame, 0, frame.length);
    Arrays.fill(frame, (byte) 'x');
    assertThat(decoded)
        .isInstanceOfSatisfying(
            ClientFrame.Message.class,
            message -> assertThat(string(message.content().bytes())).isEqualTo("\"abc\""));
  }

  @Test
  void contentWithAsManyNumbersDigitsAndNamesAsOneLikesIsTaken() {
    String digits = "7".repeat(5_000);
    String name = "n".repeat(100_000);
    Random random = new Random(1);
    String names =
        IntStream.range(0, 20_000)
            .mapToObj(i -> "\"" + Long.toHexString(random.nextLong()) + "\":0")
            .collect(Collectors.joining(","));
    String content = "{\"a\":" + digits + ",\"" + name + "\":" + digits + ".5," + names + "}";
    ClientFrame.Message message =
        text("{\"type\":\"message\",\"content\":" + content + "}", ClientFrame.Message.class);
    assertThat(message.content().bytes()).isEqualTo(utf8(content));
  }

  @Test
  void signalIsDecoded() {
    ClientFrame.Signal signal =
        text(
            "{\"type\":\"signal\",\"ref\":\"r\",\"room\":\"a\",\"name\":\"move\",\"data\":{ }}",
            ClientFrame.Signal.class);
    assertThat(signal.ref()).isEqualTo("r");
    assertThat(signal.room()).isEqualTo(new RoomName("a"));
    assertThat(signal.name()).isEqualTo("move");
    assertThat(signal.data())
        .isNotNull()
        .satisfies(data -> assertThat(string(data.bytes())).isEqualTo("{}"));
  }

  @Test
  void signalNeedsNoData() {
    assertThat(text("{\"type\":\"signal\",\"name\":\"n\",\"data\":null}"))
        .isEqualTo(new ClientFrame.Signal(null, LOBBY, "n", null))
        .isEqualTo(text("{\"type\":\"signal\",\"name\":\"n\"}"));
  }

  @Test
  void readIsDecoded() {
    assertThat(text("{\"type\":\"read\",\"offset\":9007199254740991,\"ref\":\"r\",\"room\":\"a\"}"))
        .isEqualTo(new ClientFrame.Read("r", new RoomName("a"), 9007199254740991L));
    assertThat(text("{\"type\":\"read\",\"offset\":0,\"room\":\"a\"}"))
        .isEqualTo(new ClientFrame.Read(null, new RoomName("a"), 0));
  }

  @Test
  void readsAreDecoded() {
    assertThat(text("{\"type\":\"reads\",\"room\":\"a\"}"))
        .isEqualTo(new ClientFrame.Reads(null, new RoomName("a"), null, 100));
    ReadMark last = new ReadMark(new UserId("auth0|a:b"), 12);
    assertThat(
            text(
                "{\"type\":\"reads\",\"room\":\"a\",\"ref\":\"r\",\"limit\":1000,\"after\":\"%s\"}"
                    .formatted(last.cursor())))
        .isEqualTo(new ClientFrame.Reads("r", new RoomName("a"), last, 1_000));
  }

  @Test
  void unreadIsDecodedWithItsRoomsInOrder() {
    assertThat(text("{\"type\":\"unread\",\"rooms\":[\"b\",\"a\"],\"ref\":\"r\"}"))
        .isEqualTo(new ClientFrame.Unread("r", List.of(new RoomName("b"), new RoomName("a"))));
  }

  @Test
  void typingIsDecoded() {
    assertThat(text("{\"type\":\"typing\",\"active\":true,\"room\":\"a\"}"))
        .isEqualTo(new ClientFrame.Typing(null, new RoomName("a"), true));
  }

  @Test
  void leaveIsDecoded() {
    assertThat(text("{\"type\":\"leave\",\"ref\":\"1\"}"))
        .isEqualTo(new ClientFrame.Leave("1", LOBBY));
  }

  @Test
  void historyAsksForTheNewestFiftyUnlessTold() {
    assertThat(text("{\"type\":\"history\"}"))
        .isEqualTo(new ClientFrame.History(null, LOBBY, 0, -1, 50));
  }

  @Test
  void historyTakesOneEnd() {
    assertThat(text("{\"type\":\"history\",\"before\":7,\"limit\":1000,\"after\":null}"))
        .isEqualTo(new ClientFrame.History(null, LOBBY, 7, -1, 1000));
    assertThat(text("{\"type\":\"history\",\"after\":0,\"limit\":1}"))
        .isEqualTo(new ClientFrame.History(null, LOBBY, 0, 0, 1));
  }

  @Test
  void historyBeforeZeroIsAsEmptyAsBeforeOne() {
    assertThat(text("{\"type\":\"history\",\"before\":0}"))
        .isEqualTo(new ClientFrame.History(null, LOBBY, 1, -1, 50));
  }

  @Test
  void pingIsDecodedAndIgnoresWhatItDoesNotKnow() {
    assertThat(text(" {\"type\":\"ping\",\"ref\":\"é\",\"room\":5,\"room\":6,\"limit\":{}}\n"))
        .isEqualTo(new ClientFrame.Ping("é"));
  }

  @Test
  void escapedNamesAndValuesAreTheSameFields() {
    assertThat(text("{\"\\u0074ype\":\"p\\u0069ng\",\"r\\u0065f\":\"\\ud83d\\ude00\"}"))
        .isEqualTo(new ClientFrame.Ping("😀"));
  }

  @Test
  void sixtyFourLevelsAreNotTooDeep() {
    String content = "[".repeat(63) + "]".repeat(63);
    ClientFrame.Message message =
        text("{\"type\":\"message\",\"content\":" + content + "}", ClientFrame.Message.class);
    assertThat(string(message.content().bytes())).isEqualTo(content);
  }
}
