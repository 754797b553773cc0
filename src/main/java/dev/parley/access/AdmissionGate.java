package dev.parley.access;

import org.jspecify.annotations.Nullable;

/** Says whether the instance takes new connections; asked at every handshake, on any thread. */
@FunctionalInterface
public interface AdmissionGate {

  /**
   * Null if the handshake may go on, else why it may not.
   *
   * @param address of the client, as limits by address mean it
   */
  @Nullable Refusal check(Identity identity, String address);

  /**
   * @param detail for people: {@code The server is draining}
   * @param retryAfterSeconds at least 1
   * @param ofTheUser it is about this user, and answered with 429; else about the instance: 503
   */
  record Refusal(String detail, long retryAfterSeconds, boolean ofTheUser) {

    public Refusal(String detail, long retryAfterSeconds) {
      this(detail, retryAfterSeconds, false);
    }

    public static Refusal ofTheUser(String detail, long retryAfterSeconds) {
      return new Refusal(detail, retryAfterSeconds, true);
    }
  }
}
