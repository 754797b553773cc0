package dev.parley.protocol;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.Base64;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/**
 * How far a user has read a room.
 *
 * @param offset of the last message that the user has read, at least 1
 */
public record ReadMark(UserId user, long offset) {

  /** The order of lists: the furthest mark first, and of those at one offset by the user's id. */
  public static final Comparator<ReadMark> NEWEST_FIRST =
      Comparator.comparingLong(ReadMark::offset)
          .thenComparing(mark -> mark.user().value())
          .reversed();

  private static final int MAX_CURSOR = 256;
  private static final int MAX_DIGITS = 16;

  /** What names the place behind this mark in a list, in a form that nobody takes for more. */
  public String cursor() {
    byte[] name = (offset + ":" + user).getBytes(US_ASCII);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(name);
  }

  /** The mark that a {@link #cursor} names; null if the text is none. */
  public static @Nullable ReadMark ofCursor(String cursor) {
    if (cursor.length() > MAX_CURSOR) {
      return null;
    }
    try {
      return parse(new String(Base64.getUrlDecoder().decode(cursor), US_ASCII));
    } catch (IllegalArgumentException noBase64) {
      return null;
    }
  }

  private static @Nullable ReadMark parse(String name) {
    int colon = name.indexOf(':');
    if (colon < 1 || colon > MAX_DIGITS) {
      return null;
    }
    UserId user = UserId.parse(name.substring(colon + 1));
    String digits = name.substring(0, colon);
    if (user == null || !digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
      return null;
    }
    long offset = Long.parseLong(digits);
    return offset < 1 || offset > Position.MAX_OFFSET ? null : new ReadMark(user, offset);
  }
}
