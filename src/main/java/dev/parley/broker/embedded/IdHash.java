package dev.parley.broker.embedded;

import dev.parley.broker.Entry.Dedup;
import java.security.SecureRandom;

/**
 * 128 bits that stand for a user and an id: SipHash-2-4 (Aumasson and Bernstein, 2012) over UTF-16
 * units. The key is this process's own secret, so nobody can choose ids that collide, and by chance
 * none do.
 */
final class IdHash {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final long KEY_0 = RANDOM.nextLong();
  private static final long KEY_1 = RANDOM.nextLong();

  private long v0;
  private long v1;
  private long v2;
  private long v3;

  /** Units that do not fill a word yet. */
  private long word;

  private int units;
  private final long high;
  private final long low;

  IdHash(long key0, long key1, String... parts) {
    v0 = key0 ^ 0x736f6d6570736575L;
    v1 = key1 ^ 0x646f72616e646f6dL ^ 0xee;
    v2 = key0 ^ 0x6c7967656e657261L;
    v3 = key1 ^ 0x7465646279746573L;
    for (String part : parts) {
      for (int i = 0; i < part.length(); i++) {
        add(part.charAt(i));
      }
    }
    compress(word | ((long) units * Character.BYTES) << 56);
    v2 ^= 0xee;
    high = finish();
    v1 ^= 0xdd;
    low = finish();
  }

  /** The character in between is in no user's id, so no two pairs are the same text. */
  static IdHash of(Dedup dedup) {
    return new IdHash(KEY_0, KEY_1, dedup.user().value(), "\0", dedup.id());
  }

  long high() {
    return high;
  }

  long low() {
    return low;
  }

  private void add(char unit) {
    word |= (long) unit << (units % 4 * Character.SIZE);
    units++;
    if (units % 4 == 0) {
      compress(word);
      word = 0;
    }
  }

  private void compress(long block) {
    v3 ^= block;
    round();
    round();
    v0 ^= block;
  }

  private long finish() {
    round();
    round();
    round();
    round();
    return v0 ^ v1 ^ v2 ^ v3;
  }

  private void round() {
    v0 += v1;
    v2 += v3;
    v1 = Long.rotateLeft(v1, 13) ^ v0;
    v3 = Long.rotateLeft(v3, 16) ^ v2;
    v0 = Long.rotateLeft(v0, 32);
    v2 += v1;
    v0 += v3;
    v1 = Long.rotateLeft(v1, 17) ^ v2;
    v3 = Long.rotateLeft(v3, 21) ^ v0;
    v2 = Long.rotateLeft(v2, 32);
  }
}
