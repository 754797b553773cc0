package dev.parley.attack;

import dev.parley.support.ParleyProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** The resident memory of a process while something is done to it. */
final class Memory implements AutoCloseable {
  private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
  private final Path status;
  private final long start = System.nanoTime();
  private volatile long largest;
  private volatile long lastSeen = start;

  private Memory(ParleyProcess process) {
    status = Path.of("/proc", Long.toString(process.pid()), "status");
    sample();
    var _ = clock.scheduleAtFixedRate(this::sample, 50, 50, TimeUnit.MILLISECONDS);
  }

  static Memory of(ParleyProcess process) {
    return new Memory(process);
  }

  private void sample() {
    try {
      for (String line : Files.readAllLines(status)) {
        if (line.startsWith("VmRSS:")) {
          largest = Math.max(largest, Long.parseLong(line.replaceAll("\\D", "")));
          lastSeen = System.nanoTime();
        }
      }
    } catch (IOException ended) {
      // The largest of before remains.
    }
  }

  /** The most that was resident, in MB. */
  long megabytes() {
    return largest / 1024;
  }

  /** How long it was watched, or lived. */
  long seconds() {
    return TimeUnit.NANOSECONDS.toSeconds(lastSeen - start);
  }

  @Override
  public void close() {
    clock.shutdownNow();
  }
}
