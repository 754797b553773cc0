package dev.parley.broker.embedded;

/**
 * A user, or the address of guests, whose ids are remembered, in whatever rooms. Guarded by the
 * {@link IdMemory}.
 */
final class IdOwner {
  final String name;

  /** Bytes that are held for its ids. */
  long held;

  IdOwner(String name) {
    this.name = name;
  }
}
