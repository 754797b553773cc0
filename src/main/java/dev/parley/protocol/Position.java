package dev.parley.protocol;

/**
 * A place in a room's log: everything up to and including {@code offset} of {@code epoch} has been
 * seen.
 */
public record Position(Epoch epoch, long offset) {
  /** The largest integer that JSON carries exactly (RFC 8259, section 6). */
  public static final long MAX_OFFSET = (1L << 53) - 1;
}
