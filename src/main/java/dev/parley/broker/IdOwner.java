package dev.parley.broker;

import dev.parley.protocol.UserId;

/** A user whose ids are remembered, in whatever rooms. Guarded by the {@link IdMemory}. */
final class IdOwner {
  final UserId user;

  /** Bytes that are held for its ids. */
  long held;

  IdOwner(UserId user) {
    this.user = user;
  }
}
