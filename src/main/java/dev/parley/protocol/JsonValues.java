package dev.parley.protocol;

import java.util.Arrays;

/** Walks JSON that a parser has found to be sound, so that it needs no checks of its own. */
final class JsonValues {
  private JsonValues() {}

  /** The value that begins here, without whitespace outside strings. */
  static byte[] copy(byte[] json, int start) {
    int end = start;
    int spaces = 0;
    int depth = 0;
    do {
      byte c = json[end];
      if (c == '"') {
        end = stringEnd(json, end);
      } else if (isSpace(c)) {
        end++;
        spaces++;
      } else if (c == '{' || c == '[') {
        end++;
        depth++;
      } else if (c == '}' || c == ']') {
        end++;
        depth--;
      } else if (c == ',' || c == ':') {
        end++;
      } else {
        end = scalarEnd(json, end);
      }
    } while (depth > 0);
    return spaces == 0
        ? Arrays.copyOfRange(json, start, end)
        : withoutSpaces(json, start, end, spaces);
  }

  private static byte[] withoutSpaces(byte[] json, int start, int end, int spaces) {
    byte[] copy = new byte[end - start - spaces];
    int at = 0;
    int i = start;
    while (i < end) {
      if (isSpace(json[i])) {
        i++;
        continue;
      }
      int runEnd = i;
      while (runEnd < end && !isSpace(json[runEnd])) {
        runEnd = json[runEnd] == '"' ? stringEnd(json, runEnd) : runEnd + 1;
      }
      System.arraycopy(json, i, copy, at, runEnd - i);
      at += runEnd - i;
      i = runEnd;
    }
    return copy;
  }

  /** Index behind the closing quote of the string that begins here. */
  private static int stringEnd(byte[] json, int start) {
    int i = ByteRuns.quoteOrBackslash(json, start + 1, json.length);
    while (json[i] == '\\') {
      i = ByteRuns.quoteOrBackslash(json, i + 2, json.length);
    }
    return i + 1;
  }

  private static int scalarEnd(byte[] json, int start) {
    int i = start;
    while (!isSpace(json[i]) && json[i] != ',' && json[i] != '}' && json[i] != ']') {
      i++;
    }
    return i;
  }

  private static boolean isSpace(byte c) {
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
  }

  /**
   * What a JSON string says, in UTF-8; U+FFFD in place of an escaped lone surrogate.
   *
   * @param start behind the opening quote
   * @param end at the closing quote
   */
  static byte[] unescape(byte[] json, int start, int end) {
    int next = ByteRuns.backslash(json, start, end);
    if (next == end) {
      return Arrays.copyOfRange(json, start, end);
    }
    // No escape is shorter than what it stands for.
    byte[] text = new byte[end - start];
    int at = 0;
    int i = start;
    while (next < end) {
      System.arraycopy(json, i, text, at, next - i);
      at += next - i;
      i = next + 2;
      byte letter = json[next + 1];
      if (letter == 'u') {
        int codePoint = hex(json, i);
        i += 4;
        if (startsLowSurrogate(json, i, end) && Character.isHighSurrogate((char) codePoint)) {
          codePoint = Character.toCodePoint((char) codePoint, (char) hex(json, i + 2));
          i += 6;
        }
        at = Utf8.write(codePoint, text, at);
      } else {
        text[at++] = unescape(letter);
      }
      next = ByteRuns.backslash(json, i, end);
    }
    System.arraycopy(json, i, text, at, end - i);
    return Arrays.copyOf(text, at + end - i);
  }

  private static boolean startsLowSurrogate(byte[] json, int i, int end) {
    return i + 6 <= end
        && json[i] == '\\'
        && json[i + 1] == 'u'
        && Character.isLowSurrogate((char) hex(json, i + 2));
  }

  private static byte unescape(byte letter) {
    return switch (letter) {
      case 'b' -> '\b';
      case 'f' -> '\f';
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      default -> letter;
    };
  }

  private static int hex(byte[] json, int at) {
    int value = 0;
    for (int i = at; i < at + 4; i++) {
      value = value << 4 | Character.digit(json[i], 16);
    }
    return value;
  }
}
