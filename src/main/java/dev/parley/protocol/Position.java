package dev.parley.protocol;

/**
 * A place in a room's log: everything up to and including {@code offset} of {@code epoch} has been
 * seen.
 */
public record Position(Epoch epoch, long offset) {}
