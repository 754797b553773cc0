package dev.parley.protocol;

import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.Base64;

/**
 * Names one unbroken numbering of a room's messages: 128 random bits, on the wire 22 characters of
 * base64url, opaque to clients. It changes when the broker lost or may have lost a part of the
 * room's log.
 */
public record Epoch(long high, long low) {
  /**
   * No epoch of any room: what a text that is no epoch parses to, so that its position is merely
   * unknown.
   */
  public static final Epoch NONE = new Epoch(0, 0);

  public static final int BYTES = 16;
  private static final SecureRandom RANDOM = new SecureRandom();

  public static Epoch random() {
    return new Epoch(RANDOM.nextLong(), RANDOM.nextLong());
  }

  /** The epoch with this wire form, else {@link #NONE}. */
  public static Epoch parse(String text) {
    if (text.length() != 22) {
      return NONE;
    }
    try {
      byte[] bytes = Base64.getUrlDecoder().decode(text);
      return bytes.length == BYTES ? read(ByteBuffer.wrap(bytes)) : NONE;
    } catch (IllegalArgumentException notBase64) {
      return NONE;
    }
  }

  /** Reads 16 bytes, big-endian. */
  public static Epoch read(ByteBuffer from) {
    return new Epoch(from.getLong(), from.getLong());
  }

  public byte[] toBytes() {
    return ByteBuffer.allocate(BYTES).putLong(high).putLong(low).array();
  }

  @Override
  public String toString() {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(toBytes());
  }
}
