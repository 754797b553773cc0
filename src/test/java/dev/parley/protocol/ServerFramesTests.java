package dev.parley.protocol;

import static dev.parley.protocol.Decoding.payload;
import static dev.parley.protocol.Decoding.string;
import static dev.parley.protocol.Decoding.utf8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ServerFramesTests {
  private static final RoomName ROOM = new RoomName("chat");
  private static final UserId USER = new UserId("auth0|1");
  private static final Epoch EPOCH = new Epoch(1, 2);
  private static final ReadMark BEN = new ReadMark(new UserId("ben"), 3);

  @Test
  void welcomeTellsTheLimits() {
    assertEncoded(
        new ServerFrame.Welcome("c1", USER, "Ann", 25_000, 1_700_000_000_000L, 65_536, 100, 50),
        """
        {"type":"welcome","connection":"c1","user":"auth0|1","username":"Ann","protocol":1,\
        "heartbeatMs":25000,"expiresAt":1700000000000,\
        "limits":{"messageBytes":65536,"rooms":100,"messagesPerSecond":50}}\
        """);
    assertEncoded(
        new ServerFrame.Welcome("c1", USER, "Ann", 25_000, null, 65_536, 100, 0),
        """
        {"type":"welcome","connection":"c1","user":"auth0|1","username":"Ann","protocol":1,\
        "heartbeatMs":25000,\
        "limits":{"messageBytes":65536,"rooms":100,"messagesPerSecond":0}}\
        """);
  }

  @Test
  void joinedSaysRecoveredOnlyWhereItWasAsked() {
    assertEncoded(
        new ServerFrame.Joined("r", ROOM, EPOCH, 42, 3, false, 7, null, null),
        """
        {"type":"joined","ref":"r","room":"chat","epoch":"%s","offset":42,"replay":3,\
        "recovered":false,"members":7}\
        """
            .formatted(EPOCH));
    assertEncoded(
        new ServerFrame.Joined(null, ROOM, EPOCH, 0, 0, null, 1, null, null),
        """
        {"type":"joined","room":"chat","epoch":"%s","offset":0,"replay":0,"members":1}\
        """
            .formatted(EPOCH));
  }

  @Test
  void readMarksAreAnObjectByUser() {
    assertEncoded(
        new ServerFrame.Joined(
            null, ROOM, EPOCH, 9, 0, null, 1, List.of(new ReadMark(USER, 7), BEN), 2L),
        "{\"type\":\"joined\",\"room\":\"chat\",\"epoch\":\"%s\",\"offset\":9,\"replay\":0,\"members\":1,\"reads\":{\"auth0|1\":7,\"ben\":3},\"unread\":2}"
            .formatted(EPOCH));
    assertEncoded(
        new ServerFrame.Read(ROOM, List.of(new ReadMark(USER, 7), BEN)),
        "{\"type\":\"read\",\"room\":\"chat\",\"reads\":{\"auth0|1\":7,\"ben\":3}}");
    assertEncoded(
        new ServerFrame.Reads("r", ROOM, EPOCH, List.of(BEN), "c"),
        "{\"type\":\"reads\",\"ref\":\"r\",\"room\":\"chat\",\"epoch\":\"%s\",\"reads\":{\"ben\":3},\"next\":\"c\"}"
            .formatted(EPOCH));
    assertEncoded(
        new ServerFrame.Reads(null, ROOM, null, List.of(), null),
        "{\"type\":\"reads\",\"room\":\"chat\",\"reads\":{}}");
    assertEncoded(
        new ServerFrame.Unread(
            "r",
            List.of(
                new ServerFrame.Unread.Known(ROOM, EPOCH, 9, 7),
                new ServerFrame.Unread.Known(new RoomName("new"), null, 0, 0),
                new ServerFrame.Unread.Unknown(new RoomName("no"), ErrorCode.FORBIDDEN))),
        "{\"type\":\"unread\",\"ref\":\"r\",\"rooms\":[{\"room\":\"chat\",\"epoch\":\"%s\",\"offset\":9,\"read\":7,\"unread\":2},{\"room\":\"new\",\"offset\":0,\"read\":0,\"unread\":0},{\"room\":\"no\",\"code\":\"forbidden\",\"error\":\"%s\"}]}"
            .formatted(EPOCH, ErrorCode.FORBIDDEN.text()));
  }

  @Test
  void epochIsItsWireForm() {
    assertThat(Epoch.parse(EPOCH.toString())).isEqualTo(EPOCH);
    assertThat(EPOCH.toString()).hasSize(22);
  }

  @Test
  void leftMayHaveAReason() {
    assertEncoded(
        new ServerFrame.Left("r", ROOM, null),
        "{\"type\":\"left\",\"ref\":\"r\",\"room\":\"chat\"}");
    assertEncoded(
        new ServerFrame.Left(null, ROOM, "removed"),
        "{\"type\":\"left\",\"room\":\"chat\",\"reason\":\"removed\"}");
  }

  @Test
  void noticesNameTheUser() {
    assertEncoded(
        new ServerFrame.UserJoined(ROOM, USER, "A\"\\\n\u0001é😀", 5, 9),
        """
        {"type":"user-joined","room":"chat","user":"auth0|1","username":"A\\"\\\\\\n\\u0001é😀",\
        "timestamp":5,"version":9}\
        """);
    assertEncoded(
        new ServerFrame.UserLeft(ROOM, USER, "Ann", 5, 10),
        """
        {"type":"user-left","room":"chat","user":"auth0|1","username":"Ann","timestamp":5,\
        "version":10}\
        """);
    assertEncoded(
        new ServerFrame.Members(ROOM, 1_001, 11),
        "{\"type\":\"members\",\"room\":\"chat\",\"count\":1001,\"version\":11}");
    assertEncoded(
        new ServerFrame.Typing(ROOM, USER, "Ann", true),
        "{\"type\":\"typing\",\"room\":\"chat\",\"user\":\"auth0|1\",\"username\":\"Ann\",\"active\":true}");
  }

  @Test
  void ackSaysDuplicateOnlyWhereItIsOne() {
    assertEncoded(
        new ServerFrame.Ack("r", "i", ROOM, 1, EPOCH, 2, true),
        """
        {"type":"ack","ref":"r","id":"i","room":"chat","offset":1,"epoch":"%s","timestamp":2,\
        "duplicate":true}\
        """
            .formatted(EPOCH));
    assertEncoded(
        new ServerFrame.Ack(null, "i", ROOM, 1, EPOCH, 2, false),
        """
        {"type":"ack","id":"i","room":"chat","offset":1,"epoch":"%s","timestamp":2}\
        """
            .formatted(EPOCH));
  }

  @Test
  void historyHoldsTheMessagesAsTheyAre() {
    assertEncoded(
        new ServerFrame.History("r", ROOM, EPOCH, List.of(utf8("{\"a\":1}"), utf8("{}")), true),
        """
        {"type":"history","ref":"r","room":"chat","epoch":"%s","messages":[{"a":1},{}],"more":true}\
        """
            .formatted(EPOCH));
    assertEncoded(
        new ServerFrame.History(null, ROOM, EPOCH, List.of(), false),
        """
        {"type":"history","room":"chat","epoch":"%s","messages":[],"more":false}\
        """
            .formatted(EPOCH));
  }

  @Test
  void newsOfTheRoomsLogIsEncoded() {
    assertEncoded(
        new ServerFrame.Gap(ROOM, 3, 9, "history"),
        "{\"type\":\"gap\",\"room\":\"chat\",\"from\":3,\"to\":9,\"reason\":\"history\"}");
    assertEncoded(
        new ServerFrame.EpochChanged(ROOM, EPOCH, 5, false),
        """
        {"type":"epoch","room":"chat","epoch":"%s","offset":5,"recovered":false}\
        """
            .formatted(EPOCH));
  }

  @Test
  void newsOfTheConnectionIsEncoded() {
    assertEncoded(
        new ServerFrame.Status(false, "broker"),
        "{\"type\":\"status\",\"publishing\":false,\"reason\":\"broker\"}");
    assertEncoded(new ServerFrame.Status(true, null), "{\"type\":\"status\",\"publishing\":true}");
    assertEncoded(new ServerFrame.Pong(null, 4), "{\"type\":\"pong\",\"timestamp\":4}");
    assertEncoded(
        new ServerFrame.Pong("r", 4), "{\"type\":\"pong\",\"ref\":\"r\",\"timestamp\":4}");
    assertEncoded(
        new ServerFrame.Reconnect(1_500, "draining"),
        "{\"type\":\"reconnect\",\"afterMs\":1500,\"reason\":\"draining\"}");
  }

  @Test
  void failureCarriesCodeAndText() {
    assertEncoded(
        new ServerFrame.Failure("r", "i", ROOM, ErrorCode.INVALID_MESSAGE, "/content/a~1b", null),
        """
        {"type":"error","ref":"r","id":"i","room":"chat","code":"invalid_message",\
        "error":"Invalid message format","path":"/content/a~1b"}\
        """);
    assertEncoded(
        new ServerFrame.Failure(null, null, null, ErrorCode.RATE_LIMITED, null, 250L),
        """
        {"type":"error","code":"rate_limited","error":"Too many messages","retryAfterMs":250}\
        """);
  }

  @Test
  void longFramesHaveLongHeaders() {
    ServerFrame small = new ServerFrame.Status(true, "x".repeat(1_000));
    assertThat(payload(WebSocketFraming.TEXT, ServerFrames.encode(small)))
        .isEqualTo(ServerFrames.json(small));
    ServerFrame large = new ServerFrame.Status(true, "\u0001".repeat(100_000));
    assertThat(payload(WebSocketFraming.TEXT, ServerFrames.encode(large)))
        .isEqualTo(ServerFrames.json(large));
  }

  @Test
  void everyCharacterComesBack() {
    StringBuilder all = new StringBuilder();
    for (int c = 0; c <= Character.MAX_CODE_POINT; c += c < 0x3000 ? 1 : 97) {
      if (c < Character.MIN_SURROGATE || c > Character.MAX_SURROGATE) {
        all.appendCodePoint(c);
      }
    }
    byte[] json = ServerFrames.json(new ServerFrame.Status(true, all.toString()));
    JsonNode parsed = new JsonMapper().readTree(json);
    assertThat(parsed.get("reason").asString()).isEqualTo(all.toString());
    assertThat(Utf8.isValid(json, 0, json.length)).isTrue();
  }

  @Test
  void loneSurrogatesOfClaimsBecomeReplacementCharacters() {
    assertEncoded(
        new ServerFrame.Status(true, "a\uD800b\uDC00\uD800"),
        "{\"type\":\"status\",\"publishing\":true,\"reason\":\"a\uFFFDb\uFFFD\uFFFD\"}");
  }

  private static void assertEncoded(ServerFrame frame, String json) {
    assertThat(string(ServerFrames.json(frame))).isEqualTo(json);
    assertThat(string(payload(WebSocketFraming.TEXT, ServerFrames.encode(frame)))).isEqualTo(json);
  }
}
