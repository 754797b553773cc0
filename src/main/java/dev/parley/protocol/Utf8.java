package dev.parley.protocol;

/**
 * UTF-8 as RFC 3629, section 4, defines it: no overlong forms, no surrogates, nothing above
 * U+10FFFF. A sequence is refused at its first byte that no valid sequence could have there.
 *
 * <p>The state between two bytes packs what may come next: the number of continuation bytes still
 * due in bits 0–7, the least and the greatest value of the next one in bits 8–15 and 16–23.
 */
public final class Utf8 {
  private static final int COMPLETE = 0;
  private static final int REJECTED = -1;
  private static final int REPLACEMENT = 0xFFFD;
  private static final int ANY_1 = due(1, 0x80, 0xBF);

  private Utf8() {}

  public static boolean isValid(byte[] bytes, int offset, int length) {
    return advance(COMPLETE, bytes, offset, offset + length) == COMPLETE;
  }

  /**
   * The index at which this many UTF-16 units have gone by.
   *
   * @param utf8 valid, and long enough
   */
  static int indexAfter(int units, byte[] utf8, int from) {
    int i = ByteRuns.asciiEnd(utf8, from, Math.min(utf8.length, from + units));
    int left = units - (i - from);
    while (left > 0) {
      int lead = utf8[i] & 0xFF;
      i += lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
      left -= lead < 0xF0 ? 1 : 2;
    }
    return i;
  }

  /**
   * Writes a code point, U+FFFD in place of a surrogate.
   *
   * @return the index behind it
   */
  static int write(int codePoint, byte[] to, int at) {
    int c =
        codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE
            ? REPLACEMENT
            : codePoint;
    int i = at;
    if (c < 0x80) {
      to[i++] = (byte) c;
      return i;
    }
    if (c < 0x800) {
      to[i++] = (byte) (0xC0 | c >>> 6);
    } else {
      if (c < 0x10000) {
        to[i++] = (byte) (0xE0 | c >>> 12);
      } else {
        to[i++] = (byte) (0xF0 | c >>> 18);
        to[i++] = (byte) (0x80 | (c >>> 12 & 0x3F));
      }
      to[i++] = (byte) (0x80 | (c >>> 6 & 0x3F));
    }
    to[i++] = (byte) (0x80 | (c & 0x3F));
    return i;
  }

  /**
   * Checks a text that arrives in pieces, which may end within a sequence. For one text and one
   * thread; once refused, it stays refused.
   */
  public static final class Validator {
    private int state = COMPLETE;

    /** Whether everything up to here may still become valid UTF-8. */
    public boolean accept(byte[] bytes, int offset, int length) {
      state = advance(state, bytes, offset, offset + length);
      return state != REJECTED;
    }

    /** Whether the text is valid if it ends here. */
    public boolean isComplete() {
      return state == COMPLETE;
    }
  }

  private static int advance(int from, byte[] bytes, int offset, int end) {
    int state = from;
    int i = offset;
    while (i < end && state != REJECTED) {
      if (state == COMPLETE) {
        i = ByteRuns.asciiEnd(bytes, i, end);
        if (i == end) {
          return COMPLETE;
        }
      }
      state = next(state, bytes[i++]);
    }
    return state;
  }

  private static int next(int state, byte signed) {
    int b = signed & 0xFF;
    if (state == COMPLETE) {
      return lead(b);
    }
    if (state == REJECTED || b < (state >>> 8 & 0xFF) || b > state >>> 16) {
      return REJECTED;
    }
    int due = (state & 0xFF) - 1;
    return due == 0 ? COMPLETE : due(due, 0x80, 0xBF);
  }

  private static int lead(int b) {
    if (b < 0x80) {
      return COMPLETE;
    }
    if (b < 0xC2) {
      return REJECTED;
    }
    if (b < 0xE0) {
      return ANY_1;
    }
    return switch (b) {
      case 0xE0 -> due(2, 0xA0, 0xBF);
      case 0xED -> due(2, 0x80, 0x9F);
      case 0xF0 -> due(3, 0x90, 0xBF);
      case 0xF4 -> due(3, 0x80, 0x8F);
      default -> b < 0xF0 ? due(2, 0x80, 0xBF) : b < 0xF4 ? due(3, 0x80, 0xBF) : REJECTED;
    };
  }

  private static int due(int count, int least, int greatest) {
    return count | least << 8 | greatest << 16;
  }
}
