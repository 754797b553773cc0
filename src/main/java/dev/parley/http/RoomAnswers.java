package dev.parley.http;

import dev.parley.protocol.ServerFrame;
import dev.parley.security.Problem;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
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
      case ServerFrame.Failure failure ->
          ProblemResponse.of(Problem.of(failure.code(), failure.path(), failure.retryAfterMs()));
      case ServerFrame.Welcome _,
          ServerFrame.Joined _,
          ServerFrame.Left _,
          ServerFrame.UserJoined _,
          ServerFrame.UserLeft _,
          ServerFrame.Members _,
          ServerFrame.Typing _,
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
