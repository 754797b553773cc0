package dev.parley.broker.redis;

/** What must not overtake the messages that were published before it. */
sealed interface Held {

  /** How many messages of the queue are answered before it is released. */
  long after();

  record Signal(long after, byte[] payload) implements Held {}

  record Action(long after, Runnable action) implements Held {}
}
