package dev.parley.room;

import dev.parley.access.Identity;
import dev.parley.access.KeyedRateLimit;
import dev.parley.access.LimitsProperties;
import dev.parley.budget.Account;
import dev.parley.budget.Budget;
import dev.parley.budget.BudgetKind;
import dev.parley.budget.Budgets;
import java.util.concurrent.TimeUnit;
import org.springframework.stereotype.Component;

/**
 * How many rooms may be open on this instance, by the bytes that they take, and how often a user
 * may have one opened that is not. Whoever is the first to need a room answers for it until it is
 * forgotten. Safe for use by any thread.
 */
@Component
final class RoomAllowance {
  /** About what an open room takes on the heap, with its name and its place at the broker. */
  static final int ROOM_BYTES = 2_560;

  /** A room that nobody uses is forgotten within 10 to 20 s. */
  private static final long FULL_RETRY_MS = 10_000;

  private final Budgets budgets;
  private final Budget budget;
  private final KeyedRateLimit rate;
  private final KeyedRateLimit serversRate;

  RoomAllowance(Budgets budgets, LimitsProperties limits) {
    this.budgets = budgets;
    budget = budgets.of(BudgetKind.ROOMS);
    rate = KeyedRateLimit.newRooms(limits);
    serversRate = KeyedRateLimit.serversNewRooms(limits);
  }

  /** The account of somebody without a connection, open; that of the address for guests. */
  Account account(Identity identity, String address) {
    return identity.account(budgets, address);
  }

  /**
   * 0 if a room may be opened for this account, until {@link #closed}; else after how many
   * milliseconds to try again.
   */
  long tryOpen(Account opener) {
    KeyedRateLimit its = Identity.isServers(opener) ? serversRate : rate;
    long seconds = opener.name().isEmpty() ? 0 : its.tryAcquire(opener.name());
    if (seconds > 0) {
      budget.refused();
      return TimeUnit.SECONDS.toMillis(seconds);
    }
    return budget.tryTake(opener, ROOM_BYTES) ? 0 : FULL_RETRY_MS;
  }

  /** An operator needs the room, whatever is open. */
  void opened() {
    budget.add(ROOM_BYTES);
  }

  void closed(Account opener) {
    budget.give(opener, ROOM_BYTES);
  }
}
