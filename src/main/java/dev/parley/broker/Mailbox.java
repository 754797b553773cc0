package dev.parley.broker;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/**
 * Carries events to a home executor in the order in which they were put in, as few hand-offs as
 * there are turns: what arrives before the home's next turn goes along. Filled from any thread;
 * {@code take} is called on the home. What is put in when the home has ended is dropped. Its own
 * monitor guards it.
 */
public final class Mailbox<E> {
  private final Executor home;
  private final Runnable drain;
  private List<E> events = new ArrayList<>();
  private boolean scheduled;

  /**
   * @param drain run on {@code home}; must call {@link #take}
   */
  public Mailbox(Executor home, Runnable drain) {
    this.home = home;
    this.drain = drain;
  }

  public void put(E event) {
    synchronized (this) {
      events.add(event);
      if (scheduled) {
        return;
      }
      scheduled = true;
    }
    try {
      home.execute(drain);
    } catch (RejectedExecutionException ended) {
      // Nobody is left to take it.
    }
  }

  public synchronized List<E> take() {
    List<E> taken = events;
    events = new ArrayList<>();
    scheduled = false;
    return taken;
  }
}
