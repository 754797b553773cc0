package dev.parley.admin;

import dev.parley.admin.cluster.Refusals;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Where the next page begins: what the last entry was called, in a form that nobody takes for more.
 * Nothing is kept between two pages.
 */
final class Cursor {
  private static final int MAX_LENGTH = 512;

  private Cursor() {}

  static String of(Object last) {
    byte[] name = last.toString().getBytes(StandardCharsets.UTF_8);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(name);
  }

  /** What the parameter {@code cursor} names; null if it was not given. */
  static <T> @Nullable T read(@Nullable String cursor, Function<String, @Nullable T> parse) {
    if (cursor == null) {
      return null;
    }
    T last = cursor.length() > MAX_LENGTH ? null : decode(cursor, parse);
    if (last == null) {
      throw Refusals.bad("cursor", "is expected to be the next of the page before");
    }
    return last;
  }

  private static <T> @Nullable T decode(String cursor, Function<String, @Nullable T> parse) {
    try {
      byte[] name = Base64.getUrlDecoder().decode(cursor);
      return parse.apply(new String(name, StandardCharsets.UTF_8));
    } catch (IllegalArgumentException noBase64) {
      return null;
    }
  }
}
