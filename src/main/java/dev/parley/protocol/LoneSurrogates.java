package dev.parley.protocol;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonPointer;
import tools.jackson.core.JsonToken;

/**
 * Finds strings that no UTF-8 can carry. In a text that is valid UTF-8 only an escape such as
 * {@code \ud800} makes one.
 */
final class LoneSurrogates {
  /** A longer pointer is cut down to the frame's field: an answer must not grow with the fault. */
  private static final int MAX_POINTER = 256;

  private LoneSurrogates() {}

  /** Whether any surrogate is escaped at all: quick, and false for nearly every frame. */
  static boolean mayBeIn(byte[] json, int offset, int length) {
    int end = offset + length;
    int i = ByteRuns.backslash(json, offset, end);
    while (i < end - 3) {
      if (json[i + 1] == 'u'
          && (json[i + 2] | 0x20) == 'd'
          && Character.digit(json[i + 3], 16) >= 8) {
        return true;
      }
      i = ByteRuns.backslash(json, i + 2, end);
    }
    return false;
  }

  static boolean isIn(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isSurrogate(text.charAt(i))) {
        if (i + 1 == text.length()
            || !Character.isSurrogatePair(text.charAt(i), text.charAt(i + 1))) {
          return true;
        }
        i++;
      }
    }
    return false;
  }

  /**
   * The JSON Pointer of the first string with a lone surrogate, or of the object if it is a
   * member's name; null if there is none.
   *
   * @param json sound
   */
  static @Nullable String find(String json) {
    try (JsonParser parser = Json.parser(json)) {
      for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
        if (token == JsonToken.PROPERTY_NAME && isIn(parser.currentName())) {
          return pointer(parser.streamReadContext().pathAsPointer().head());
        }
        if (token == JsonToken.VALUE_STRING && isIn(parser.getString())) {
          return pointer(parser.streamReadContext().pathAsPointer());
        }
      }
      return null;
    }
  }

  private static String pointer(JsonPointer path) {
    String whole = path.toString();
    if (whole.length() <= MAX_POINTER) {
      return whole;
    }
    String field = JsonPointer.empty().appendProperty(path.getMatchingProperty()).toString();
    return field.length() <= MAX_POINTER ? field : "";
  }
}
