package dev.parley.readiness;

import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;

/**
 * What is wrong with something outside of this instance. Each kind of trouble is logged at ERROR
 * when it begins and, while it is raised again and again, every 30 s; several sources that have the
 * same trouble are one line. When no source has any trouble left, that is logged as well. However
 * often trouble comes and goes, no kind is logged twice within 30 s. Safe for use by any thread.
 */
public final class Alarm {
  public static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(30);

  private final Logger log;
  private final LongSupplier nanoTime;

  // Guarded by the monitor.
  private final Map<Object, Trouble> lasting = new LinkedHashMap<>();
  private final Map<Enum<?>, Long> loggedAt = new HashMap<>();
  private boolean logged;

  /**
   * @param kind tells it from other trouble
   * @param sentence what is wrong, why, and what to do about it; holds no secret
   */
  public record Trouble(Enum<?> kind, String sentence) {}

  public Alarm(Logger log) {
    this(log, System::nanoTime);
  }

  Alarm(Logger log, LongSupplier nanoTime) {
    this.log = log;
    this.nanoTime = nanoTime;
  }

  /** The source has this trouble now; to be called again and again while it lasts. */
  public synchronized void raise(Object source, Trouble trouble) {
    lasting.put(source, trouble);
    long now = nanoTime.getAsLong();
    Long last = loggedAt.get(trouble.kind());
    if (last == null || now - last >= PAUSE_NANOS) {
      loggedAt.put(trouble.kind(), now);
      logged = true;
      log.error("{}", trouble.sentence());
    }
  }

  /**
   * The source has no trouble, or none any more.
   *
   * @param sentence for the log, if some trouble was logged and none is left
   */
  public synchronized void clear(Object source, String sentence) {
    if (lasting.remove(source) != null && lasting.isEmpty() && logged) {
      logged = false;
      log.info("{}", sentence);
    }
  }

  /** What is wrong at present, each sentence once. */
  public synchronized List<String> sentences() {
    Collection<Trouble> all = lasting.values();
    return all.stream().map(Trouble::sentence).distinct().toList();
  }
}
