package dev.parley.broker.embedded;

import dev.parley.broker.ControlBus;
import dev.parley.broker.ControlListener;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;

/** The control bus of an embedded broker, and of those that share its rooms. */
final class Control implements ControlBus {
  private final Set<Control> everybody;
  private final Executor thread;
  private final ControlListener listener = new ControlListener();

  /**
   * @param everybody on the same bus; safe for use by any thread
   * @param thread of this broker, one at a time
   */
  Control(Set<Control> everybody, Executor thread) {
    this.everybody = everybody;
    this.thread = thread;
    everybody.add(this);
  }

  @Override
  public void send(byte[] message) {
    everybody.forEach(each -> each.receive(message));
  }

  @Override
  public void listen(Consumer<byte[]> replacement) {
    listener.listen(replacement);
  }

  void close() {
    everybody.remove(this);
  }

  private void receive(byte[] message) {
    try {
      thread.execute(() -> listener.received(message));
    } catch (RejectedExecutionException closed) {
      everybody.remove(this);
    }
  }
}
