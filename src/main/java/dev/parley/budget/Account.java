package dev.parley.budget;

import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * What one user holds on this instance, over all connections and requests; a guest is accounted for
 * by address. {@link Budgets#account} opens it for as long as something may be taken on its behalf,
 * {@link #close} ends that, and it is remembered until all that was taken is given back. Safe for
 * use by any thread.
 */
public final class Account implements AutoCloseable {
  /** For what nobody in particular is the cause of: it has no share of its own. */
  public static final Account NOBODY = new Account("", null);

  private final String name;
  private final @Nullable Budgets owner;
  private final Map<BudgetKind, AtomicLong> held = new EnumMap<>(BudgetKind.class);
  private final AtomicLong total = new AtomicLong();
  private final AtomicInteger connections = new AtomicInteger();

  /** How many have it open. */
  private final AtomicInteger openings = new AtomicInteger();

  Account(String name, @Nullable Budgets owner) {
    this.name = name;
    this.owner = owner;
    for (BudgetKind kind : BudgetKind.values()) {
      held.put(kind, new AtomicLong());
    }
  }

  /** Whether another connection may be had; if so, it counts until {@link #disconnect}. */
  public boolean connect(int most) {
    if (connections.incrementAndGet() > most && owner != null) {
      connections.decrementAndGet();
      return false;
    }
    return true;
  }

  public void disconnect() {
    connections.decrementAndGet();
  }

  /** Bytes of this kind. */
  public long held(BudgetKind kind) {
    return of(kind).get();
  }

  /** Nothing more is taken by this opener; called once by each. */
  @Override
  public void close() {
    if (owner != null) {
      owner.closed(this);
    }
  }

  /** {@code user }, and an id, or {@code address }, and an address; empty for nobody. */
  public String name() {
    return name;
  }

  void changeOpenings(int difference) {
    openings.addAndGet(difference);
  }

  boolean isForgettable() {
    return openings.get() == 0 && total.get() == 0;
  }

  boolean tryReplace(BudgetKind kind, long taken, long bytes, long share) {
    if (owner == null) {
      return true;
    }
    long more = bytes - taken;
    long now = of(kind).addAndGet(more);
    if (now > share && now != bytes) {
      of(kind).addAndGet(-more);
      return false;
    }
    total.addAndGet(more);
    return true;
  }

  void give(BudgetKind kind, long bytes) {
    if (owner == null) {
      return;
    }
    of(kind).addAndGet(-bytes);
    // Nearly always somebody has it open: the map's lock is not for every message.
    if (total.addAndGet(-bytes) == 0 && openings.get() == 0) {
      owner.emptied(this);
    }
  }

  private AtomicLong of(BudgetKind kind) {
    return Objects.requireNonNull(held.get(kind));
  }
}
