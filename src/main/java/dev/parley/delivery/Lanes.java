package dev.parley.delivery;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** The instance's lanes, fixed from the start. */
public record Lanes(List<? extends Lane> all) {

  public Lanes {
    all = List.copyOf(all);
  }

  /** The lane that owns whatever has this name, the same for as long as the instance lives. */
  public Lane home(Object name) {
    int hash = name.hashCode();
    return all.get(Math.floorMod(hash ^ (hash >>> 16), all.size()));
  }

  public int size() {
    return all.size();
  }

  /**
   * Asks every lane for what it owns. Each answers as a task of its own, in its own time, so the
   * answers are not of one moment. Nobody waits: may be called from any thread, a lane's as well.
   *
   * @param question asked on each lane; must not block, and what it gives must not be changed
   *     afterwards
   * @return the answers in order of the lanes, once the last has answered; failed if one of them
   *     failed, but not before all have been asked
   */
  public <T> CompletableFuture<List<T>> collect(Function<? super Lane, ? extends T> question) {
    List<CompletableFuture<T>> answers =
        all.stream()
            .map(lane -> CompletableFuture.<T>supplyAsync(() -> question.apply(lane), lane))
            .toList();
    return CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new))
        .thenApply(_ -> answers.stream().map(CompletableFuture::join).toList());
  }
}
