package dev.parley.broker.redis;

import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/** The rooms in which this instance has users, as far as Redis knows or is to know. Any thread. */
final class OccupiedRooms {
  /** So many are entered again at the same time; the next one follows when one is done. */
  private static final int AT_ONCE = 256;

  private final Set<Presence> rooms = ConcurrentHashMap.newKeySet();

  void add(Presence room) {
    rooms.add(room);
  }

  void remove(Presence room) {
    rooms.remove(room);
  }

  boolean isEmpty() {
    return rooms.isEmpty();
  }

  /** Done when Redis was told of all changes. */
  CompletableFuture<?> settled() {
    return CompletableFuture.allOf(
        rooms.stream().map(Presence::settled).toArray(CompletableFuture[]::new));
  }

  /** Has every room enter its users again; done when all have been entered. */
  CompletionStage<?> enterAgain() {
    Queue<Presence> waiting = new ConcurrentLinkedQueue<>(rooms);
    AtomicInteger running = new AtomicInteger(AT_ONCE);
    CompletableFuture<Object> done = new CompletableFuture<>();
    for (int i = 0; i < AT_ONCE; i++) {
      next(waiting, running, done);
    }
    return done;
  }

  private static void next(
      Queue<Presence> waiting, AtomicInteger running, CompletableFuture<Object> done) {
    Presence room = waiting.poll();
    if (room != null) {
      var _ = room.enterAgain().whenComplete((_, _) -> next(waiting, running, done));
    } else if (running.decrementAndGet() == 0) {
      done.complete(waiting);
    }
  }
}
