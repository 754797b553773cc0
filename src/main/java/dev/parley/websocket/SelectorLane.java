package dev.parley.websocket;

import dev.parley.budget.Budget;
import dev.parley.delivery.Lane;
import java.nio.channels.Selector;
import java.util.concurrent.ScheduledExecutorService;
import org.eclipse.jetty.io.ManagedSelector;
import org.jspecify.annotations.Nullable;

/**
 * A lane that is a Jetty selector: whoever reads a connection also delivers to it and writes it, so
 * that a message costs one thread switch. Turns run as selector updates, after all keys that were
 * selected: one select is one turn.
 *
 * <p>It exists before its selector, so that rooms can be laid out; what it is given meanwhile
 * waits.
 */
final class SelectorLane extends Lane implements ManagedSelector.SelectorUpdate {
  private static final int SCRATCH_BYTES = 64 * 1024;

  private final byte[] scratch = new byte[SCRATCH_BYTES];
  private volatile @Nullable ManagedSelector selector;

  SelectorLane(int index, Budget total, ScheduledExecutorService timer) {
    super(index, total, timer);
  }

  void attach(ManagedSelector attached) {
    selector = attached;
    attached.submit(this);
  }

  @Nullable ManagedSelector selector() {
    return selector;
  }

  /** Room to copy one message into, valid until the lane handles the next. */
  byte[] scratch(int size) {
    return size <= SCRATCH_BYTES ? scratch : new byte[size];
  }

  @Override
  protected void requestTurn() {
    ManagedSelector attached = selector;
    if (attached != null) {
      // No wake-up is made where the selector's own thread submits.
      attached.submit(this);
    }
  }

  @Override
  public void update(Selector ignored) {
    turn();
  }
}
