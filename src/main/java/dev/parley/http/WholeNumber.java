package dev.parley.http;

import dev.parley.protocol.ErrorCode;
import org.jspecify.annotations.Nullable;

/**
 * Reads a number of a request's query. Spring's own conversion would take much else for one, such
 * as {@code 0x1F}, and an empty text for none.
 */
public final class WholeNumber {
  private static final int MAX_DIGITS = 16;

  private WholeNumber() {}

  /**
   * The number; null if the parameter was not given.
   *
   * @throws RefusedException if it is anything but decimal digits, or out of range
   */
  public static @Nullable Long parse(String parameter, @Nullable String text, long min, long max) {
    if (text == null) {
      return null;
    }
    if (!text.isEmpty()
        && text.length() <= MAX_DIGITS
        && text.chars().allMatch(c -> c >= '0' && c <= '9')) {
      long number = Long.parseLong(text);
      if (number >= min && number <= max) {
        return number;
      }
    }
    throw RefusedException.parameter(
        ErrorCode.INVALID_MESSAGE,
        parameter,
        "%s is expected to be a whole number from %d to %d".formatted(parameter, min, max));
  }

  /**
   * What the parameter {@code limit} says, from 1 to the most; the default if it was not given.
   *
   * @throws RefusedException as {@link #parse} does
   */
  public static int limit(@Nullable String text, int most, int byDefault) {
    Long limit = parse("limit", text, 1, most);
    return limit == null ? byDefault : limit.intValue();
  }
}
