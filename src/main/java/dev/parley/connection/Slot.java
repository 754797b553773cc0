package dev.parley.connection;

import dev.parley.budget.Account;
import java.util.concurrent.atomic.AtomicBoolean;

/** One connection's place on this instance, from its handshake until it is gone. */
public final class Slot {
  private final ConnectionSlots slots;
  private final Account account;
  private final AtomicBoolean released = new AtomicBoolean();

  Slot(ConnectionSlots slots, Account account) {
    this.slots = slots;
    this.account = account;
  }

  /** Of whoever answers for what the connection makes the instance hold. */
  public Account account() {
    return account;
  }

  /** From any thread; again: nothing. */
  public void release() {
    if (released.compareAndSet(false, true)) {
      slots.release(account);
    }
  }
}
