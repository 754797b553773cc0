package dev.parley.connection;

import dev.parley.access.AdmissionGate;
import dev.parley.access.Identity;
import dev.parley.access.LimitsProperties;
import dev.parley.budget.Account;
import dev.parley.budget.Budget;
import dev.parley.budget.BudgetKind;
import dev.parley.budget.Budgets;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * How many connections there may be: of one user (guests count by address), and on this instance,
 * whose budget for them allows {@value #BYTES} bytes each. Safe for use by any thread.
 */
@Component
public final class ConnectionSlots implements AdmissionGate {
  /** What an open connection takes on the heap, in no room and doing nothing. */
  private static final int BYTES = 3 * 1024;

  private static final AdmissionGate.Refusal TOO_MANY =
      AdmissionGate.Refusal.ofTheUser("Too many connections of this user", 10);

  private static final AdmissionGate.Refusal FULL =
      new AdmissionGate.Refusal("This instance is full", 10);

  private final Budgets budgets;
  private final Budget budget;
  private final int mostOfUser;
  private final int most;
  private final AtomicInteger taken = new AtomicInteger();

  ConnectionSlots(Budgets budgets, LimitsProperties limits) {
    this.budgets = budgets;
    budget = budgets.of(BudgetKind.CONNECTIONS);
    mostOfUser = limits.enabled() ? limits.connectionsPerUser() : Integer.MAX_VALUE;
    Integer configured = limits.connections();
    most = configured == null ? Integer.MAX_VALUE : configured;
  }

  @Override
  public AdmissionGate.@Nullable Refusal check(Identity identity, String address) {
    Account account = account(identity, address);
    AdmissionGate.Refusal refusal = tryTake(account);
    if (refusal == null) {
      release(account);
    } else {
      account.close();
    }
    return refusal;
  }

  /** Null if {@link #check} says why. */
  public @Nullable Slot take(Identity identity, String address) {
    Account account = account(identity, address);
    if (tryTake(account) == null) {
      return new Slot(this, account);
    }
    account.close();
    return null;
  }

  /** Opens the account of whoever this is, which answers for all that its connections hold. */
  public Account account(Identity identity, String address) {
    return identity.account(budgets, address);
  }

  private AdmissionGate.@Nullable Refusal tryTake(Account account) {
    if (!account.connect(mostOfUser)) {
      budget.refused();
      return TOO_MANY;
    }
    if (taken.incrementAndGet() <= most) {
      // Users have a number of their own, not a share of this: one address may be a whole company.
      if (budget.tryTake(Account.NOBODY, BYTES)) {
        return null;
      }
    } else {
      budget.refused();
    }
    taken.decrementAndGet();
    account.disconnect();
    return FULL;
  }

  void release(Account account) {
    budget.give(Account.NOBODY, BYTES);
    taken.decrementAndGet();
    account.disconnect();
    account.close();
  }
}
