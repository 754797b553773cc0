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

  /**
   * @param fault of the first message that has one
   */
  private record Batch(List<Item> items, @Nullable Malformed fault) {}

  /** Where the message of this index is in the body. */
  public static String pointer(int index) {
    return POINTER + "/" + index;
  }

  public static Decoded decode(byte[] body, int mostMessages) {
    try {
      if (!Utf8.isValid(body, 0, body.length)) {
        throw Malformed.json();
      }
      List<Item> items = items(new String(body, StandardCharsets.UTF_8), mostMessages);
      return items == null ? new None() : new Items(items);
    } catch (Malformed fault) {
      return new Refused(fault.code(), fault.path());
    }
  }

  /** The messages; null if there is no field of them. */
  private static @Nullable List<Item> items(String json, int most) {
    Batch batch = null;
    try (JsonParser parser = Json.parser(json)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw Malformed.json();
      }
      for (String name = parser.nextName(); name != null; name = parser.nextName()) {
        JsonToken token = parser.nextToken();
        if (!name.equals(MESSAGES)) {
          parser.skipChildren();
        } else if (batch == null && token == JsonToken.START_ARRAY) {
          batch = elements(parser, json, most);
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
    if (batch == null) {
      return null;
    }
    if (batch.fault() != null) {
      throw batch.fault();
    }
    return batch.items();
  }

  /**
   * One text at a time, so that no more than the body and the messages is held. A fault of one of
   * them waits until it is clear that the body is JSON.
   */
  private static Batch elements(JsonParser parser, String json, int most) {
    List<Item> items = new ArrayList<>();
    Malformed fault = null;
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      if (items.size() == most) {
        throw Malformed.field(POINTER);
      }
      if (parser.currentToken() != JsonToken.START_OBJECT) {
        throw Malformed.field(pointer(items.size()));
      }
      int start = (int) parser.currentTokenLocation().getCharOffset();
      parser.skipChildren();
      String text = json.substring(start, (int) parser.currentLocation().getCharOffset());
      if (fault == null) {
        try {
          items.add(item(text.getBytes(StandardCharsets.UTF_8)));
        } catch (Malformed faulty) {
          fault = faulty.below(pointer(items.size()));
        }
      }
    }
    if (items.isEmpty() && fault == null) {
      throw Malformed.field(POINTER);
    }
    return new Batch(items, fault);
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
