package dev.parley.broker;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Who hears an instance's {@link ControlBus}; its faults stay its own. Any thread. */
public final class ControlListener {
  private static final Logger log = LoggerFactory.getLogger(ControlListener.class);

  private volatile @Nullable Consumer<byte[]> listener;

  public void listen(Consumer<byte[]> replacement) {
    listener = replacement;
  }

  public void received(byte[] message) {
    Consumer<byte[]> current = listener;
    if (current == null) {
      return;
    }
    try {
      current.accept(message);
    } catch (RuntimeException fault) {
      // The thread is the broker's: what else it carries must not suffer.
      log.error("A message of the control bus could not be handled", fault);
    }
  }
}
