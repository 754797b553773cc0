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

  /**
   * Frames, or KiB of them, read in a row from one connection before what became due is written and
   * the others have their turn. A peer that sends faster than we read would otherwise keep the lane
   * for itself, and all answers to it in memory.
   */
  private static final int COST_IN_A_ROW = 64;

  /**
   * Frames, or KiB of them, read from all connections in one turn before each connection gives way
   * after every frame. If hundreds have sent {@link #COST_IN_A_ROW} at once, a message that arrives
   * meanwhile would otherwise wait for all of theirs.
   */
  private static final int COST_PER_TURN = 1_024;

  private final byte[] scratch = new byte[SCRATCH_BYTES];
  private volatile @Nullable ManagedSelector selector;
  private int costThisTurn;

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

  /** What reading a frame counts: one for the frame, and one for each whole KiB of it. */
  static int costOfReading(int bytes) {
    return 1 + bytes / 1024;
  }

  /**
   * Counts a frame, and says whether its connection may read another one before the next turn.
   *
   * @param cost of this frame
   * @param inARow the cost of all that the connection has read since the last turn
   */
  boolean mayReadOn(int cost, int inARow) {
    assert inLane();
    costThisTurn += cost;
    return costThisTurn < COST_PER_TURN && inARow < COST_IN_A_ROW;
  }

  @Override
  protected void requestTurn() {
    ManagedSelector attached = selector;
    if (attached != null) {
      // No wake-up is made if the selector's own thread submits.
      attached.submit(this);
    }
  }

  @Override
  public void update(Selector ignored) {
    costThisTurn = 0;
    turn();
  }
}
