package dev.parley.protocol;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * Decodes many messages that come as the body of one HTTP request: {@code {messages: [{room,
 * content, id?, name?, key?}, ...]}}, each by the rules of {@link MessageBody}. One that breaks
 * them refuses the whole, so that nothing is published of a body that is not understood.
 */
public final class MessageBatch {
  /** Where the messages are. */
  public static final String POINTER = "/messages";

  private static final String MESSAGES = "messages";

  private MessageBatch() {}

  /** What a body holds. */
  public sealed interface Decoded {}

  /** At least one message. */
  public record Items(List<Item> all) implements Decoded {}

  /** The body is JSON, but has no field {@code messages}. */
  public record None() implements Decoded {}

  /**
   * @param path JSON Pointer of the field at fault
   */
  public record Refused(ErrorCode code, @Nullable String path) implements Decoded {}

  /**
   * @param bytes that the message's JSON has in the body
   */
  public record Item(ClientFrame.Message message, int bytes) {}

  /** Where the message of this index is in the body. */
  public static String pointer(int index) {
    return POINTER + "/" + index;
  }

  public static Decoded decode(byte[] body, int mostMessages) {
    try {
      if (!Utf8.isValid(body, 0, body.length)) {
        throw Malformed.json();
      }
      List<String> texts = split(new String(body, StandardCharsets.UTF_8), mostMessages);
      if (texts == null) {
        return new None();
      }
      List<Item> items = new ArrayList<>(texts.size());
      for (int i = 0; i < texts.size(); i++) {
        try {
          items.add(item(texts.get(i).getBytes(StandardCharsets.UTF_8)));
        } catch (Malformed fault) {
          String path = fault.path();
          return new Refused(fault.code(), path == null ? pointer(i) : pointer(i) + path);
        }
      }
      return new Items(items);
    } catch (Malformed fault) {
      return new Refused(fault.code(), fault.path());
    }
  }

  /** The text of each message; null if there is no field of messages. */
  private static @Nullable List<String> split(String json, int most) {
    List<String> texts = null;
    try (JsonParser parser = Json.parser(json)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw Malformed.json();
      }
      for (String name = parser.nextName(); name != null; name = parser.nextName()) {
        JsonToken token = parser.nextToken();
        if (!name.equals(MESSAGES)) {
          parser.skipChildren();
        } else if (texts == null && token == JsonToken.START_ARRAY) {
          texts = elements(parser, json, most);
        } else {
          throw Malformed.field(POINTER);
        }
      }
      if (parser.currentToken() != JsonToken.END_OBJECT || parser.nextToken() != null) {
        throw Malformed.json();
      }
    } catch (JacksonException unsound) {
      throw Malformed.json();
    }
    return texts;
  }

  private static List<String> elements(JsonParser parser, String json, int most) {
    List<String> texts = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      if (texts.size() == most) {
        throw Malformed.field(POINTER);
      }
      if (parser.currentToken() != JsonToken.START_OBJECT) {
        throw Malformed.field(pointer(texts.size()));
      }
      int start = (int) parser.currentTokenLocation().getCharOffset();
      parser.skipChildren();
      texts.add(json.substring(start, (int) parser.currentLocation().getCharOffset()));
    }
    if (texts.isEmpty()) {
      throw Malformed.field(POINTER);
    }
    return texts;
  }

  private static Item item(byte[] bytes) {
    FrameFields fields = new FrameFields(bytes, 0, bytes.length);
    String loneSurrogate = fields.loneSurrogate();
    if (loneSurrogate != null) {
      throw Malformed.field(loneSurrogate);
    }
    RoomName room = fields.room();
    if (room == null) {
      throw Malformed.field(FrameField.ROOM.pointer());
    }
    String id = fields.shortText(FrameField.ID);
    String name = fields.shortText(FrameField.NAME);
    String key = fields.shortText(FrameField.KEY);
    Content content = fields.content(FrameField.CONTENT);
    if (content == null) {
      throw Malformed.field(FrameField.CONTENT.pointer());
    }
    return new Item(
        new ClientFrame.Message(null, room, content, id, name, key, true), bytes.length);
  }
}
