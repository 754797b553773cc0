package dev.parley.room;

import dev.parley.budget.Budget;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.SequencedSet;
import java.util.concurrent.Executor;

/**
 * The memory for reading logs, for all rooms of the instance. A reader takes what its page or
 * answer may need before it asks the broker. Pages that are only kept in case somebody else wants
 * them give way, the oldest first; if that is not enough, the reader waits until others are done.
 * Users take turns in waiting, so a user who wants a lot does not hold up the others. Nor may one
 * user take more than a share of the budget for reading, over however many connections: beyond that
 * the user's readers wait for one another, and nobody else waits for them. Its monitor guards it,
 * and the pages' counts of readers.
 */
final class ReplayMemory {
  private final Budget budget;
  private final SequencedSet<Page> kept = new LinkedHashSet<>();

  /** Those who have taken something or wait, by account. */
  private final Map<String, User> users = new HashMap<>();

  /** Those who wait for memory and not for themselves; the first of them is next. */
  private final SequencedSet<User> turns = new LinkedHashSet<>();

  /** How many have taken memory for a read and not given it back or made a page of it. */
  private int reading;

  private record Waiting(long bytes, Executor lane, Runnable task) {}

  private static final class User {
    private final ArrayDeque<Waiting> waiting = new ArrayDeque<>(0);
    private long taken;
  }

  ReplayMemory(Budget budget) {
    this.budget = budget;
  }

  /**
   * Runs the task when this much is taken for it: at once, or later on the lane, which is the
   * caller's. Every task ends in one call of {@link #give} or {@link #keep}.
   */
  void take(String account, long bytes, Executor lane, Runnable task) {
    synchronized (this) {
      User user = users.computeIfAbsent(account, first -> new User());
      boolean waits = !user.waiting.isEmpty() || !isInShare(user, bytes) || !turns.isEmpty();
      if (waits || !tryTake(bytes)) {
        user.waiting.add(new Waiting(bytes, lane, task));
        queue(user);
        return;
      }
      user.taken += bytes;
    }
    task.run();
  }

  /** What was taken for a read is not needed any more. */
  synchronized void give(String account, long bytes) {
    reading--;
    free(account, bytes);
  }

  /**
   * Makes what was taken for a read the page's own.
   *
   * @param readers that hold the page from now on, each until it calls {@link #release}
   */
  synchronized void keep(Page page, int readers, String account, long taken) {
    reading--;
    budget.add(page.weight());
    page.readers = readers;
    page.kept = true;
    kept.add(page);
    free(account, taken);
  }

  /** Another reader of the page; false if the page was evicted meanwhile. */
  synchronized boolean retain(Page page) {
    if (page.kept) {
      page.readers++;
    }
    return page.kept;
  }

  /** A reader needs the page no longer, and has no reference to it. */
  synchronized void release(Page page) {
    if (page.readers > 0 && --page.readers == 0 && !page.kept) {
      free(page.weight());
    }
  }

  /** Whether somebody else may still read the page. */
  synchronized boolean isKept(Page page) {
    return page.kept;
  }

  /** The page is not to be read by anybody else. */
  synchronized void drop(Page page) {
    if (kept.remove(page)) {
      page.kept = false;
      if (page.readers == 0) {
        free(page.weight());
      }
    }
  }

  private void free(String account, long bytes) {
    User user = users.get(account);
    if (user != null) {
      user.taken -= bytes;
      queue(user);
      if (user.taken == 0 && user.waiting.isEmpty()) {
        users.remove(account);
      }
    }
    free(bytes);
  }

  private void free(long bytes) {
    budget.add(-bytes);
    while (!turns.isEmpty()) {
      User next = turns.getFirst();
      long wanted = next.waiting.element().bytes();
      if (!tryTake(wanted)) {
        return;
      }
      turns.removeFirst();
      Waiting first = next.waiting.remove();
      next.taken += wanted;
      queue(next);
      first.lane().execute(first.task());
    }
  }

  /** Keeps the place of one who is in the queue already. */
  private void queue(User user) {
    Waiting first = user.waiting.peek();
    if (first != null && isInShare(user, first.bytes())) {
      turns.add(user);
    }
  }

  /** However small the share is, each may have one. */
  private boolean isInShare(User user, long bytes) {
    return user.taken == 0 || user.taken + bytes <= budget.share();
  }

  private boolean tryTake(long bytes) {
    Iterator<Page> oldest = kept.iterator();
    while (isTooMuch(bytes) && oldest.hasNext()) {
      Page page = oldest.next();
      if (page.readers == 0) {
        page.kept = false;
        oldest.remove();
        budget.add(-page.weight());
        budget.refused();
      }
    }
    // However small the limit is, one at a time can read.
    if (reading > 0 && isTooMuch(bytes)) {
      return false;
    }
    reading++;
    budget.add(bytes);
    return true;
  }

  private boolean isTooMuch(long bytes) {
    return budget.held() + bytes > budget.limit();
  }
}
