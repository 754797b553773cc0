package dev.parley.admin;

import dev.parley.http.WholeNumber;
import org.jspecify.annotations.Nullable;

/** How many entries a page of a list has. */
public final class Paging {
  public static final int MAX_LIMIT = 1_000;
  public static final int DEFAULT_LIMIT = 100;

  private Paging() {}

  /** What the parameter {@code limit} says; the default if it was not given. */
  static int limit(@Nullable String text) {
    return WholeNumber.limit(text, MAX_LIMIT, DEFAULT_LIMIT);
  }
}
