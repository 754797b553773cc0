package dev.parley.access;

import org.jspecify.annotations.Nullable;

/** Says whether the instance takes new connections; asked at every handshake, on any thread. */
@FunctionalInterface
public interface AdmissionGate {

  /** Null where the handshake may go on, else why it may not; answered with 503. */
  @Nullable Refusal check();

  /**
   * @param detail for people: {@code The server is draining}
   * @param retryAfterSeconds at least 1
   */
  record Refusal(String detail, long retryAfterSeconds) {}
}
