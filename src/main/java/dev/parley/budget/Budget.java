package dev.parley.budget;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/**
 * The bytes of one kind that this instance may hold. Holders that can refuse use {@link #tryTake}
 * and {@link #give}; holders that evict or close use {@link #add}, and act while it {@link
 * #isExceeded}. Safe for use by any thread, without locks.
 */
public final class Budget {
  private final BudgetKind kind;
  private final long limit;
  private final long share;
  private final AtomicLong held = new AtomicLong();
  private final LongAdder refusals = new LongAdder();

  /**
   * @param limit bytes that the instance may hold of this kind
   * @param share bytes of them that one account may hold
   */
  Budget(BudgetKind kind, long limit, long share) {
    this.kind = kind;
    this.limit = limit;
    this.share = share;
  }

  /** A budget for tests. */
  public static Budget of(BudgetKind kind, long limit) {
    return new Budget(kind, limit, limit);
  }

  /**
   * Takes the bytes for this account, to be given back by {@link #give}; false, and counted as a
   * refusal, if the instance would hold more than the limit or the account more than its share. Who
   * holds nothing yet may take any one thing, so that no limit is too small for progress.
   */
  public boolean tryTake(Account account, long bytes) {
    return tryReplace(account, 0, bytes);
  }

  /**
   * As {@link #tryTake}, for one thing that grows.
   *
   * @param taken bytes of it that are taken already, and stay so if it is refused
   * @param bytes that it is to have altogether
   */
  public boolean tryReplace(Account account, long taken, long bytes) {
    long more = bytes - taken;
    long now = held.addAndGet(more);
    if ((now <= limit || now == bytes) && account.tryReplace(kind, taken, bytes, share)) {
      return true;
    }
    held.addAndGet(-more);
    refusals.increment();
    return false;
  }

  public void give(Account account, long bytes) {
    held.addAndGet(-bytes);
    account.give(kind, bytes);
  }

  /**
   * Takes the bytes, to be given back by {@link #add}, for a holder that can do without them:
   * false, and counted as a refusal, if it would then hold more than is left free. So one holder
   * that takes all it can get stops at half of the limit, and of n of them each at the (n + 1)th
   * part: whoever holds little still gets something.
   *
   * @param holds bytes that it holds already
   */
  public boolean tryTakeOfFree(long holds, long bytes) {
    long total = held.get();
    if (total > 0 && holds + bytes > limit - total) {
      refusals.increment();
      return false;
    }
    held.addAndGet(bytes);
    return true;
  }

  /** Takes the bytes whatever the limit, or gives them back if negative. */
  public void add(long difference) {
    held.addAndGet(difference);
  }

  public boolean isExceeded() {
    return held.get() > limit;
  }

  /** Something was refused, evicted or closed because of this budget. */
  public void refused() {
    refusals.increment();
  }

  /** Bytes that are held. */
  public long held() {
    return held.get();
  }

  /** Bytes that may be held. */
  public long limit() {
    return limit;
  }

  /** Bytes that one account may hold. */
  public long share() {
    return share;
  }

  long refusals() {
    return refusals.sum();
  }
}
