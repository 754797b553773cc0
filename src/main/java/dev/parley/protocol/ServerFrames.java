package dev.parley.protocol;

import java.util.List;

/** Writes {@link ServerFrame}s: fields in the order of docs/PROTOCOL.md, absent ones left out. */
public final class ServerFrames {
  private ServerFrames() {}

  /** The frame as one complete WebSocket text frame. */
  public static byte[] encode(ServerFrame frame) {
    return write(frame).toTextFrame();
  }

  /** The frame's JSON alone. */
  public static byte[] json(ServerFrame frame) {
    return write(frame).toBytes();
  }

  private static JsonBuffer write(ServerFrame frame) {
    return switch (frame) {
      case ServerFrame.Welcome f -> welcome(f);
      case ServerFrame.Joined f -> joined(f);
      case ServerFrame.Left f ->
          JsonBuffer.object("left")
              .text("ref", f.ref())
              .text("room", f.room())
              .text("reason", f.reason())
              .raw("}");
      case ServerFrame.UserJoined f ->
          user("user-joined", f.room(), f.user(), f.username())
              .number("timestamp", f.timestamp())
              .number("version", f.version())
              .raw("}");
      case ServerFrame.UserLeft f ->
          user("user-left", f.room(), f.user(), f.username())
              .number("timestamp", f.timestamp())
              .number("version", f.version())
              .raw("}");
      case ServerFrame.Members f ->
          JsonBuffer.object("members")
              .text("room", f.room())
              .number("count", f.count())
              .number("version", f.version())
              .raw("}");
      case ServerFrame.Typing f ->
          user("typing", f.room(), f.user(), f.username()).flag("active", f.active()).raw("}");
      case ServerFrame.Read f ->
          marks(JsonBuffer.object("read").text("room", f.room()), f.marks()).raw("}");
      case ServerFrame.Reads f -> reads(f);
      case ServerFrame.Unread f -> unread(f);
      case ServerFrame.Ack f -> ack(f);
      case ServerFrame.History f -> history(f);
      case ServerFrame.Gap f ->
          JsonBuffer.object("gap")
              .text("room", f.room())
              .number("from", f.from())
              .number("to", f.to())
              .text("reason", f.reason())
              .raw("}");
      case ServerFrame.EpochChanged f ->
          JsonBuffer.object("epoch")
              .text("room", f.room())
              .text("epoch", f.epoch())
              .number("offset", f.offset())
              .flag("recovered", f.recovered())
              .raw("}");
      case ServerFrame.Deleted f ->
          JsonBuffer.object("deleted").text("room", f.room()).number("offset", f.offset()).raw("}");
      case ServerFrame.Status f ->
          JsonBuffer.object("status")
              .flag("publishing", f.publishing())
              .text("reason", f.reason())
              .raw("}");
      case ServerFrame.Pong f ->
          JsonBuffer.object("pong")
              .text("ref", f.ref())
              .number("timestamp", f.timestamp())
              .raw("}");
      case ServerFrame.Reconnect f ->
          JsonBuffer.object("reconnect")
              .number("afterMs", f.afterMs())
              .text("reason", f.reason())
              .raw("}");
      case ServerFrame.Failure f ->
          JsonBuffer.object("error")
              .text("ref", f.ref())
              .text("id", f.id())
              .text("room", f.room())
              .text("code", f.code().wireName())
              .text("error", f.code().text())
              .text("path", f.path())
              .numberIfAny("retryAfterMs", f.retryAfterMs())
              .raw("}");
    };
  }

  private static JsonBuffer welcome(ServerFrame.Welcome f) {
    return JsonBuffer.object("welcome")
        .text("connection", f.connection())
        .text("user", f.user())
        .text("username", f.username())
        .number("protocol", ServerFrame.Welcome.PROTOCOL)
        .number("heartbeatMs", f.heartbeatMs())
        .numberIfAny("expiresAt", f.expiresAt())
        .raw(",\"limits\":{\"messageBytes\":")
        .raw(Long.toString(f.messageBytes()))
        .number("rooms", f.rooms())
        .number("messagesPerSecond", f.messagesPerSecond())
        .raw("}}");
  }

  private static JsonBuffer joined(ServerFrame.Joined f) {
    JsonBuffer json =
        JsonBuffer.object("joined")
            .text("ref", f.ref())
            .text("room", f.room())
            .text("epoch", f.epoch())
            .number("offset", f.offset())
            .number("replay", f.replay())
            .flagIfAny("recovered", f.recovered())
            .number("members", f.members());
    if (f.reads() != null) {
      marks(json, f.reads());
    }
    return json.numberIfAny("unread", f.unread()).raw("}");
  }

  private static JsonBuffer reads(ServerFrame.Reads f) {
    JsonBuffer json = JsonBuffer.object("reads").text("ref", f.ref()).text("room", f.room());
    if (f.epoch() != null) {
      json.text("epoch", f.epoch());
    }
    return marks(json, f.marks()).text("next", f.next()).raw("}");
  }

  private static JsonBuffer unread(ServerFrame.Unread f) {
    JsonBuffer json = JsonBuffer.object("unread").text("ref", f.ref()).name("rooms");
    String before = "[{\"room\":";
    for (ServerFrame.Unread.Count count : f.rooms()) {
      json.raw(before).quoted(count.room().value());
      before = "},{\"room\":";
      switch (count) {
        case ServerFrame.Unread.Known known -> {
          if (known.epoch() != null) {
            json.text("epoch", known.epoch());
          }
          json.number("offset", known.offset())
              .number("read", known.read())
              .number("unread", known.unread());
        }
        case ServerFrame.Unread.Unknown(RoomName _, ErrorCode code) ->
            json.text("code", code.wireName()).text("error", code.text());
      }
    }
    return json.raw("}]}");
  }

  private static JsonBuffer marks(JsonBuffer json, List<ReadMark> marks) {
    json.name("reads");
    String before = "{";
    for (ReadMark mark : marks) {
      json.raw(before).quoted(mark.user().value()).raw(":").raw(Long.toString(mark.offset()));
      before = ",";
    }
    return json.raw(marks.isEmpty() ? "{}" : "}");
  }

  private static JsonBuffer ack(ServerFrame.Ack f) {
    JsonBuffer json =
        JsonBuffer.object("ack")
            .text("ref", f.ref())
            .text("id", f.id())
            .text("room", f.room())
            .number("offset", f.offset())
            .text("epoch", f.epoch())
            .number("timestamp", f.timestamp());
    if (f.duplicate()) {
      json.flag("duplicate", true);
    }
    return json.raw("}");
  }

  private static JsonBuffer history(ServerFrame.History f) {
    JsonBuffer json =
        JsonBuffer.object("history")
            .text("ref", f.ref())
            .text("room", f.room())
            .text("epoch", f.epoch())
            .name("messages")
            .raw("[");
    List<byte[]> messages = f.messages();
    for (int i = 0; i < messages.size(); i++) {
      if (i > 0) {
        json.raw(",");
      }
      json.raw(messages.get(i));
    }
    return json.raw("]").flag("more", f.more()).raw("}");
  }

  private static JsonBuffer user(String type, RoomName room, UserId user, String username) {
    return JsonBuffer.object(type).text("room", room).text("user", user).text("username", username);
  }
}
