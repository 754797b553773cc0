package dev.parley.admin;

import dev.parley.protocol.Position;
import org.jspecify.annotations.Nullable;

/** The offset of a message that a path names; written in one way only, without leading zeros. */
record MessageOffset(long value) {
  /** What {@link #parse} reads. */
  static final String EXPECTED =
      "is expected to be a whole number from 1 to " + Position.MAX_OFFSET;

  static @Nullable MessageOffset parse(String text) {
    return text.matches("[1-9][0-9]{0,15}") && Long.parseLong(text) <= Position.MAX_OFFSET
        ? new MessageOffset(Long.parseLong(text))
        : null;
  }
}
