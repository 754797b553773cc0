package dev.parley.broker;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the broker calls of others: the fault of one must not cost the next its call. */
public final class Callbacks {
  private static final Logger log = LoggerFactory.getLogger(Callbacks.class);

  private Callbacks() {}

  /** Runs it; what it throws is logged and goes no further. */
  public static void run(Runnable callback) {
    try {
      callback.run();
    } catch (RuntimeException | Error fault) {
      failed(fault);
    }
  }

  /** As {@link #run}, for callers that have caught the fault themselves. */
  public static void failed(Throwable fault) {
    log.error("A callback of the broker failed", fault);
  }
}
