package dev.parley.readiness;

import org.jspecify.annotations.Nullable;

/**
 * Something without which this instance takes no connections. All beans of this type are asked: by
 * the readiness probe, and at every handshake. Safe for use by any thread; must not block.
 */
@FunctionalInterface
public interface Precondition {

  /** Null if it is met, else why it is not, for operators; holds no secret. */
  @Nullable String unmet();
}
