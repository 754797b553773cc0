package dev.parley.protocol;

import dev.parley.protocol.ClientFrame.Join.Target;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * The fields of one JSON frame. Reading it checks the whole text but judges no field, since {@code
 * type} may come last and says which fields count; a field is judged when it is asked for, by a
 * method that throws {@link Malformed}. For one frame and one thread.
 */
final class FrameFields {
  static final int MAX_TEXT = 64;

  /**
   * @param start index in the text
   * @param text of a string that is not content, or an integer of a usable length
   * @param doubled the field comes more than once; this is the first of them
   */
  private record Value(JsonToken token, int start, @Nullable String text, boolean doubled) {}

  private final byte[] bytes;
  private final int offset;
  private final int end;
  private final String json;
  private final Map<FrameField, Value> values = new EnumMap<>(FrameField.class);

  /**
   * @param bytes of text that has been checked to be UTF-8: decoding would mend what is not
   * @throws Malformed if this is not one JSON object
   */
  FrameFields(byte[] bytes, int offset, int length) {
    this.bytes = bytes;
    this.offset = offset;
    this.end = offset + length;
    assert Utf8.isValid(bytes, offset, length);
    // Jackson passes over a byte order mark.
    if (!beginsObject()) {
      throw Malformed.json();
    }
    json = new String(bytes, offset, length, StandardCharsets.UTF_8);
    try (JsonParser parser = Json.parser(json)) {
      read(parser);
    } catch (JacksonException unsound) {
      throw Malformed.json();
    }
  }

  private boolean beginsObject() {
    int i = offset;
    while (i < end && bytes[i] <= ' ' && bytes[i] > 0) {
      i++;
    }
    return i < end && bytes[i] == '{';
  }

  private void read(JsonParser parser) {
    if (parser.nextToken() != JsonToken.START_OBJECT) {
      throw Malformed.json();
    }
    for (String name = parser.nextName(); name != null; name = parser.nextName()) {
      JsonToken token = parser.nextToken();
      FrameField field = FrameField.named(name);
      if (field == null) {
        parser.skipChildren();
      } else {
        keep(field, token, parser);
      }
    }
    if (parser.currentToken() != JsonToken.END_OBJECT || parser.nextToken() != null) {
      throw Malformed.json();
    }
  }

  private void keep(FrameField field, JsonToken token, JsonParser parser) {
    Value first = values.get(field);
    if (first != null) {
      values.put(field, new Value(first.token(), first.start(), first.text(), true));
      parser.skipChildren();
      return;
    }
    int start = (int) parser.currentTokenLocation().getCharOffset();
    String text =
        switch (token) {
          case VALUE_STRING ->
              field == FrameField.CONTENT || field == FrameField.DATA ? null : parser.getString();
          case VALUE_NUMBER_INT -> Json.shortInteger(parser);
          default -> null;
        };
    values.put(field, new Value(token, start, text, false));
    parser.skipChildren();
  }

  /** The JSON Pointer of a string that holds a lone surrogate, null if there is none. */
  @Nullable String loneSurrogate() {
    int length = end - offset;
    return LoneSurrogates.mayBeIn(bytes, offset, length) ? LoneSurrogates.find(json) : null;
  }

  String type() {
    String type = string(FrameField.TYPE);
    if (type == null) {
      throw Malformed.field(FrameField.TYPE.pointer());
    }
    return type;
  }

  /** Whether the field is there and not null. */
  boolean has(FrameField field) {
    Value value = value(field);
    return value != null && value.token() != JsonToken.VALUE_NULL;
  }

  @Nullable String string(FrameField field) {
    Value value = value(field);
    if (value == null || value.token() == JsonToken.VALUE_NULL) {
      return null;
    }
    String text = value.token() == JsonToken.VALUE_STRING ? value.text() : null;
    if (text == null) {
      throw Malformed.field(field.pointer());
    }
    return text;
  }

  private @Nullable Value value(FrameField field) {
    Value value = values.get(field);
    if (value != null && value.doubled()) {
      throw Malformed.field(field.pointer());
    }
    return value;
  }

  /** A string of 1–64 UTF-16 units. */
  @Nullable String shortText(FrameField field) {
    String text = string(field);
    if (text != null && !isShortText(text)) {
      throw Malformed.field(field.pointer());
    }
    return text;
  }

  static boolean isShortText(String text) {
    return !text.isEmpty() && text.length() <= MAX_TEXT;
  }

  @Nullable RoomName room() {
    String name = string(FrameField.ROOM);
    return name == null ? null : JoinTargets.room(name, FrameField.ROOM.pointer());
  }

  boolean flag(FrameField field, boolean absent) {
    Value value = value(field);
    if (value == null) {
      return absent;
    }
    return switch (value.token()) {
      case VALUE_NULL -> absent;
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      default -> throw Malformed.field(field.pointer());
    };
  }

  long integer(FrameField field, long min, long max, long absent) {
    Value value = value(field);
    if (value == null || value.token() == JsonToken.VALUE_NULL) {
      return absent;
    }
    String digits = value.token() == JsonToken.VALUE_NUMBER_INT ? value.text() : null;
    return Json.inRange(digits, min, max, field.pointer());
  }

  @Nullable Position since() {
    Value value = value(FrameField.SINCE);
    if (value == null || value.token() == JsonToken.VALUE_NULL) {
      return null;
    }
    try (JsonParser parser = open(value, JsonToken.START_OBJECT, FrameField.SINCE)) {
      return JoinTargets.since(parser, FrameField.SINCE.pointer());
    }
  }

  /** The rooms of a batched join; null if there are none. */
  @Nullable List<Target> rooms() {
    Value value = value(FrameField.ROOMS);
    if (value == null || value.token() == JsonToken.VALUE_NULL) {
      return null;
    }
    try (JsonParser parser = open(value, JsonToken.START_ARRAY, FrameField.ROOMS)) {
      return JoinTargets.rooms(parser, FrameField.ROOMS.pointer());
    }
  }

  /** The names of rooms in a list; null where there is none. */
  @Nullable List<RoomName> roomNames() {
    Value value = value(FrameField.ROOMS);
    if (value == null || value.token() == JsonToken.VALUE_NULL) {
      return null;
    }
    try (JsonParser parser = open(value, JsonToken.START_ARRAY, FrameField.ROOMS)) {
      return JoinTargets.names(parser, FrameField.ROOMS.pointer());
    }
  }

  /** A parser at the start of an object or array, which is known to be sound. */
  private JsonParser open(Value value, JsonToken start, FrameField field) {
    if (value.token() != start) {
      throw Malformed.field(field.pointer());
    }
    JsonParser parser = Json.parser(json.substring(value.start()));
    parser.nextToken();
    return parser;
  }

  /** Any JSON value, null too; null if the field is absent. */
  @Nullable Content content(FrameField field) {
    Value value = value(field);
    return value == null
        ? null
        : new Content(
            Content.Form.JSON,
            JsonValues.copy(bytes, Utf8.indexAfter(value.start(), bytes, offset)));
  }

  /** The frame is refused; what the answer can be matched by comes along if it is usable. */
  ClientFrame.Refused refused(Malformed fault) {
    String room = usable(FrameField.ROOM);
    return new ClientFrame.Refused(
        fault.code(),
        usable(FrameField.REF),
        usable(FrameField.ID),
        room == null ? null : RoomName.parse(room),
        fault.path());
  }

  private @Nullable String usable(FrameField field) {
    Value value = values.get(field);
    String text = value == null || value.token() != JsonToken.VALUE_STRING ? null : value.text();
    if (text == null || LoneSurrogates.isIn(text)) {
      return null;
    }
    return field == FrameField.ROOM || isShortText(text) ? text : null;
  }
}
