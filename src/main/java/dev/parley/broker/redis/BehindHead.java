package dev.parley.broker.redis;

import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * The payloads of a room that wait for its head to be read, in the order of the bus. They hold
 * their share of the budget meanwhile. Belongs to the home executor.
 */
final class BehindHead {

  /**
   * @param weight the bytes that it holds of the share
   */
  record Heard(Payload payload, int weight) {}

  private final BusShare share;
  private final ArrayDeque<Heard> waiting = new ArrayDeque<>();

  BehindHead(BusShare share) {
    this.share = share;
  }

  void add(Payload payload, int weight) {
    waiting.add(new Heard(payload, weight));
  }

  /** Removes the first; whoever takes it gives back what it holds. Null if there is none. */
  @Nullable Heard take() {
    return waiting.poll();
  }

  /** Removes all and gives back what they hold; false if there were none. */
  boolean discard() {
    boolean any = !waiting.isEmpty();
    waiting.forEach(heard -> share.give(heard.weight()));
    waiting.clear();
    return any;
  }
}
