package dev.parley.http;

import dev.parley.protocol.ErrorCode;
import dev.parley.protocol.RoomName;
import dev.parley.protocol.ServerFrame;
import dev.parley.security.Problem;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.json.JsonMapper;

/** What the rooms answered, as JSON of docs/PROTOCOL.md, "Over plain HTTP". */
final class RoomAnswers {
  private static final JsonMapper JSON = JsonMapper.shared();

  private RoomAnswers() {}

  static ResponseEntity<byte[]> of(ServerFrame frame) {
    return switch (frame) {
      case ServerFrame.Ack ack -> json(JSON.writeValueAsBytes(Published.of(ack)));
      case ServerFrame.History history -> json(history(history));
      case ServerFrame.Reads reads -> json(reads(reads));
      case ServerFrame.Unread unread -> json(unread(unread));
      case ServerFrame.Failure failure ->
          ProblemResponse.of(Problem.of(failure.code(), failure.path(), failure.retryAfterMs()));
      case ServerFrame.Welcome _,
          ServerFrame.Joined _,
          ServerFrame.Left _,
          ServerFrame.UserJoined _,
          ServerFrame.UserLeft _,
          ServerFrame.Members _,
          ServerFrame.Typing _,
          ServerFrame.Read _,
          ServerFrame.Gap _,
          ServerFrame.EpochChanged _,
          ServerFrame.Deleted _,
          ServerFrame.Status _,
          ServerFrame.Pong _,
          ServerFrame.Reconnect _ ->
          throw new IllegalStateException("no answer: " + frame);
    };
  }

  private static ResponseEntity<byte[]> json(byte[] body) {
    return ResponseEntity.ok().contentType(MediaType.APPLICATION_JSON).body(body);
  }

  private static byte[] reads(ServerFrame.Reads page) {
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("room", page.room().value());
    putIfAny(answer, "epoch", page.epoch());
    Map<String, Long> reads = new LinkedHashMap<>();
    page.marks().forEach(mark -> reads.put(mark.user().value(), mark.offset()));
    answer.put("reads", reads);
    putIfAny(answer, "next", page.next());
    return JSON.writeValueAsBytes(answer);
  }

  private static byte[] unread(ServerFrame.Unread counts) {
    return JSON.writeValueAsBytes(
        Map.of("rooms", counts.rooms().stream().map(RoomAnswers::unread).toList()));
  }

  private static Map<String, Object> unread(ServerFrame.Unread.Count count) {
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("room", count.room().value());
    switch (count) {
      case ServerFrame.Unread.Known known -> {
        putIfAny(answer, "epoch", known.epoch());
        answer.put("offset", known.offset());
        answer.put("read", known.read());
        answer.put("unread", known.unread());
      }
      case ServerFrame.Unread.Unknown(RoomName _, ErrorCode code) -> {
        answer.put("code", code.wireName());
        answer.put("error", code.text());
      }
    }
    return answer;
  }

  private static void putIfAny(Map<String, Object> answer, String name, @Nullable Object value) {
    if (value != null) {
      answer.put(name, value.toString());
    }
  }

  private static byte[] history(ServerFrame.History history) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator json = JSON.createGenerator(bytes)) {
      json.writeStartObject();
      json.writeStringProperty("room", history.room().value());
      json.writeStringProperty("epoch", history.epoch().toString());
      json.writeArrayPropertyStart("messages");
      for (byte[] message : history.messages()) {
        json.writeRawValue(new String(message, StandardCharsets.UTF_8));
      }
      json.writeEndArray();
      json.writeBooleanProperty("more", history.more());
      json.writeEndObject();
    }
    return bytes.toByteArray();
  }
}
