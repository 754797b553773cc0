package dev.parley.admin;

import org.jspecify.annotations.Nullable;

/** The offset of a message that a path names; written in one way only, without leading zeros. */
record MessageOffset(long value) {
  private static final long MAX = (1L << 53) - 1;

  /** What {@link #parse} reads. */
  static final String EXPECTED = "is expected to be a whole number from 1 to " + MAX;

  static @Nullable MessageOffset parse(String text) {
    return text.matches("[1-9][0-9]{0,15}") && Long.parseLong(text) <= MAX
        ? new MessageOffset(Long.parseLong(text))
        : null;
  }
}
