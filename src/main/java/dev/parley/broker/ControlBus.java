package dev.parley.broker;

import java.util.function.Consumer;

/**
 * Carries what the instances of this service say to each other: operators' commands and the answers
 * to them. A message arrives at most once, in the order of one sender's calls; it is lost if an
 * instance has no connection to the broker at that moment, so whoever needs an answer waits for it
 * with a deadline. May be called from any thread; nothing blocks.
 */
public interface ControlBus {

  /** Sends to every instance, this one included. The bytes are not to be changed afterwards. */
  void send(byte[] message);

  /**
   * Hears what every instance sends, in place of the listener before.
   *
   * @param listener called on a thread of the broker, never within {@link #send}; must not block,
   *     nor change the bytes
   */
  void listen(Consumer<byte[]> listener);
}
