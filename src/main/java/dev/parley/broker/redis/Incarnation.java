package dev.parley.broker.redis;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.concurrent.ThreadLocalRandom;

/**
 * The name under which an instance has users in rooms: a new one at each start, and whenever it has
 * lost its {@link InstanceLease}. One that is dead never comes back.
 */
record Incarnation(String name) {

  Incarnation {
    if (name.isEmpty()) {
      throw new IllegalArgumentException("an incarnation has a name");
    }
  }

  static Incarnation of(long number) {
    return new Incarnation(Long.toHexString(number));
  }

  static Incarnation random() {
    return of(ThreadLocalRandom.current().nextLong());
  }

  byte[] bytes() {
    return name.getBytes(US_ASCII);
  }

  @Override
  public String toString() {
    return name;
  }
}
