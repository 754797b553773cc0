package dev.parley.budget;

import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.ToLongFunction;

/** All budgets of this instance, and the accounts of its users. Safe for use by any thread. */
public final class Budgets {
  private final Map<BudgetKind, Budget> budgets = new EnumMap<>(BudgetKind.class);
  private final ConcurrentHashMap<String, Account> accounts = new ConcurrentHashMap<>();

  /**
   * @param limit bytes of a kind
   * @param sharePercent how much of them one account may hold, 1–100
   */
  Budgets(ToLongFunction<BudgetKind> limit, int sharePercent) {
    for (BudgetKind kind : BudgetKind.values()) {
      long bytes = limit.applyAsLong(kind);
      budgets.put(kind, new Budget(kind, bytes, (long) (bytes * (sharePercent / 100.0))));
    }
  }

  /** Budgets for tests, each of this many bytes, all of which one account may hold. */
  public static Budgets ofEach(long bytes) {
    return ofEach(bytes, 100);
  }

  /** Budgets for tests, each of this many bytes, of which one account may hold so many percent. */
  public static Budgets ofEach(long bytes, int sharePercent) {
    return new Budgets(kind -> bytes, sharePercent);
  }

  public Budget of(BudgetKind kind) {
    return Objects.requireNonNull(budgets.get(kind));
  }

  /** Opens the account of this user or address; whoever asks closes it. */
  public Account account(String name) {
    return accounts.compute(
        name,
        (same, known) -> {
          Account account = known == null ? new Account(name, this) : known;
          account.changeOpenings(1);
          return account;
        });
  }

  /** How many accounts are remembered. */
  int accounts() {
    return accounts.size();
  }

  void closed(Account account) {
    accounts.compute(
        account.name(),
        (name, known) -> {
          account.changeOpenings(-1);
          return account.equals(known) && account.isForgettable() ? null : known;
        });
  }

  void emptied(Account account) {
    accounts.computeIfPresent(
        account.name(),
        (name, known) -> account.equals(known) && account.isForgettable() ? null : known);
  }
}
