package dev.parley.admin.cluster;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A command on its way and the answers to it so far. Guarded by its monitor; {@link #answered} is
 * completed outside of it.
 */
final class Survey<R> {
  private final Command<R> command;
  private final SortedSet<InstanceName> asked;
  private final Set<InstanceName> awaited;
  private final SortedMap<InstanceName, R> given = new TreeMap<>();
  private final CompletableFuture<Void> answered = new CompletableFuture<>();

  Survey(Command<R> command, SortedSet<InstanceName> asked) {
    this.command = command;
    this.asked = asked;
    this.awaited = new HashSet<>(asked);
  }

  Command<R> command() {
    return command;
  }

  /** Done when everyone who was asked has answered. */
  CompletableFuture<Void> answered() {
    return answered;
  }

  /** Null if it could not be done there. */
  void answer(InstanceName by, @Nullable R result) {
    boolean all;
    synchronized (this) {
      if (result != null) {
        given.put(by, result);
      }
      awaited.remove(by);
      all = awaited.isEmpty();
    }
    if (all) {
      answered.complete(null);
    }
  }

  synchronized SurveyResult<R> answers() {
    SortedSet<InstanceName> silent = new TreeSet<>(asked);
    silent.removeAll(given.keySet());
    return new SurveyResult<>(new TreeMap<>(given), List.copyOf(silent));
  }
}
