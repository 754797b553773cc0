package dev.parley.attack;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * How much other programs on the machine delay an instance and its clients, by the kernel's own
 * count of how long their threads were ready to run and had no processor. No test can tell these
 * delays from those of the service otherwise. The count does not grow if the service blocks, or has
 * too much in front of a message, which is what the tests are to find.
 *
 * <p>An attacker, honest clients and a service that share two processors wait about as long as they
 * run, so that much is left out. If they wait longer, each step of a message's way takes longer by
 * this factor, and by the same factor more is in front of each step: a bound on delays grows with
 * its square. On a machine that does nothing else it stays as it is.
 */
final class Contention {
  /** How much of it is the test's own: they take as long as they run, and as long once more. */
  private static final double OWN = 2;

  /** Nanoseconds. */
  private record Times(long running, long waiting) {}

  private final List<Long> processes;
  private final Map<Path, Times> before;

  private Contention(List<Long> processes) {
    this.processes = processes;
    before = times();
  }

  /** From now on. */
  static Contention of(long... processes) {
    return new Contention(Arrays.stream(processes).boxed().toList());
  }

  /** What a bound on delays is to be multiplied with; at least 1. */
  double allowance() {
    long running = 0;
    long waiting = 0;
    for (Map.Entry<Path, Times> thread : times().entrySet()) {
      Times start = before.getOrDefault(thread.getKey(), new Times(0, 0));
      running += thread.getValue().running() - start.running();
      waiting += thread.getValue().waiting() - start.waiting();
    }
    double stretched = running <= 0 ? 1 : (double) (running + waiting) / running;
    return Math.max(1, Math.pow(stretched / OWN, 2));
  }

  private Map<Path, Times> times() {
    Map<Path, Times> times = new HashMap<>();
    for (long process : processes) {
      try (Stream<Path> threads = Files.list(Path.of("/proc", Long.toString(process), "task"))) {
        threads.forEach(thread -> read(thread, times));
      } catch (IOException ended) {
        // That it ended is the test's to find out.
      }
    }
    return times;
  }

  private static void read(Path thread, Map<Path, Times> times) {
    try {
      String[] words = Files.readString(thread.resolve("schedstat")).split("\\s", 3);
      times.put(thread, new Times(Long.parseLong(words[0]), Long.parseLong(words[1])));
    } catch (IOException ended) {
      // The others tell enough.
    }
  }
}
