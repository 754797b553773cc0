package dev.parley.http;

import dev.parley.budget.Account;
import org.jspecify.annotations.Nullable;

/**
 * What a request in progress costs: a place among those of its address, and the bytes of its body
 * and answer, on the account of that address. All of it is given back by {@link #end}. Guarded by
 * its monitor.
 */
final class Exchange {
  private final RestMemory memory;
  private final String address;
  private final Runnable left;

  /** Null until there is something to count: most requests have no body to speak of. */
  private @Nullable Account account;

  private long held;
  private long body;
  private boolean ended;

  /**
   * @param left run once at the end
   */
  Exchange(RestMemory memory, String address, Runnable left) {
    this.memory = memory;
    this.address = address;
    this.left = left;
  }

  /** Counts more bytes of the answer; false, and not counted, if there is no room for them. */
  synchronized boolean tryHold(long bytes) {
    if (ended || !memory.tryTake(account(), held, bytes)) {
      return false;
    }
    held += bytes;
    return true;
  }

  /** The same of the request's body. */
  synchronized boolean tryHoldBody(long bytes) {
    if (ended || !memory.tryTakeForBody(account(), held, body, bytes)) {
      return false;
    }
    held += bytes;
    body += bytes;
    return true;
  }

  synchronized void end() {
    if (ended) {
      return;
    }
    ended = true;
    if (account != null) {
      memory.give(account, held, body);
      account.close();
    }
    left.run();
  }

  private Account account() {
    Account of = account == null ? memory.account(address) : account;
    account = of;
    return of;
  }
}
