package dev.parley.broker.redis;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/** What is in Redis of instances, in memory; instances reach it by a {@link Way} each. */
final class FakeInstanceRecords {
  final Map<Incarnation, Long> beats = new HashMap<>();
  final Map<Incarnation, String> dead = new HashMap<>();

  /** By incarnation, its rooms; swept ones are in {@link #swept}. */
  final Map<Incarnation, Set<String>> rooms = new HashMap<>();

  final Map<String, List<Incarnation>> swept = new TreeMap<>();

  /** One instance's connection. */
  final class Way implements InstanceRecords {
    /** Nothing arrives. */
    boolean cut;

    /** So many rooms may be swept before the connection is cut. */
    int sweepsLeft = Integer.MAX_VALUE;

    private <T> CompletionStage<T> answer(Supplier<T> step) {
      return cut
          ? CompletableFuture.failedFuture(new IllegalStateException("cut"))
          : CompletableFuture.completedFuture(step.get());
    }

    @Override
    public CompletionStage<Boolean> beat(Incarnation own, boolean first) {
      return answer(() -> {
        boolean known = !dead.containsKey(own) && (first || beats.containsKey(own));
        if (known) {
          beats.merge(own, 1L, Long::sum);
        }
        return known;
      });
    }

    @Override
    public CompletionStage<Peers> peers() {
      return answer(() -> new Peers(Map.copyOf(beats), Map.copyOf(dead)));
    }

    @Override
    public CompletionStage<Boolean> bury(Incarnation claimant, Incarnation silent, long beat) {
      return answer(() -> {
        Long now = beats.get(silent);
        return now != null && now == beat && claim(claimant, silent);
      });
    }

    @Override
    public CompletionStage<Boolean> takeOver(Incarnation claimant, Incarnation named) {
      return answer(() -> {
        String owner = dead.get(named);
        return owner != null
            && (owner.isEmpty() || !beats.containsKey(new Incarnation(owner)))
            && claim(claimant, named);
      });
    }

    private boolean claim(Incarnation claimant, Incarnation named) {
      if (!beats.containsKey(claimant)) {
        return false;
      }
      beats.remove(named);
      dead.put(named, claimant.name());
      return true;
    }

    @Override
    public CompletionStage<?> retire(Incarnation own) {
      return answer(() -> {
        beats.remove(own);
        dead.put(own, "");
        return own;
      });
    }

    @Override
    public CompletionStage<?> leave(Incarnation own) {
      return answer(() -> {
        beats.remove(own);
        return own;
      });
    }

    @Override
    public CompletionStage<List<String>> rooms(Incarnation named, int limit) {
      return answer(() -> new TreeSet<>(of(named)).stream().limit(limit).toList());
    }

    @Override
    public CompletionStage<?> sweep(Incarnation named, String room) {
      cut |= sweepsLeft-- == 0;
      return answer(() -> swept.computeIfAbsent(room, absent -> new ArrayList<>()).add(named));
    }

    @Override
    public CompletionStage<?> forget(Incarnation named, List<String> swept) {
      return answer(() -> of(named).removeAll(swept));
    }

    @Override
    public CompletionStage<?> swept(Incarnation named) {
      return answer(() -> dead.remove(named) != null);
    }
  }

  Set<String> of(Incarnation named) {
    return rooms.computeIfAbsent(named, absent -> new HashSet<>());
  }
}
