package dev.parley.attack;

import static org.awaitility.Awaitility.await;

import dev.parley.support.Entrance;
import dev.parley.support.ParleyProcess;
import dev.parley.support.RedisProcess;
import dev.parley.support.TcpProxy;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.assertj.core.api.SoftAssertions;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An instance under attack, alone or on a Redis. One that an attack ended is started anew for the
 * next attack.
 */
final class Siege implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Siege.class);
  private static final long CONTAINER_MEGABYTES = 512;
  private static final int P99_MILLIS = 100;

  /**
   * Seconds in which what honest clients do is compiled; before, it would count as the attack's.
   */
  private static final int COMPILED_AFTER = 3;

  /** Fewer deliveries than this make the slowest of them the percentile. */
  private static final int ENOUGH = 300;

  /** What is done to the instance; what it throws is a failure of the test. */
  interface Attack {
    void run() throws Exception;
  }

  private final String name;
  private final @Nullable RedisProcess redis;
  private final @Nullable TcpProxy proxy;
  private final List<String> settings;
  private ParleyProcess instance;
  private int started;

  /** For how long there were honest clients before attacks began. */
  private int honestSeconds;

  private UnaryOperator<String> tokens = ParleyProcess::token;

  private Siege(
      String name, @Nullable RedisProcess redis, @Nullable TcpProxy proxy, String... settings) {
    this.name = name;
    this.redis = redis;
    this.settings = new ArrayList<>(List.of(settings));
    this.proxy = proxy;
    if (redis != null) {
      int port = proxy == null ? redis.port() : proxy.port();
      this.settings.add("--parley.broker=redis");
      this.settings.add("--spring.data.redis.host=127.0.0.1");
      this.settings.add("--spring.data.redis.port=" + port);
    }
    instance = launch();
  }

  static Siege ofOne(String name, String... settings) {
    return new Siege(name, null, null, settings);
  }

  /** Reaches its Redis through a proxy. */
  static Siege onDistantRedis(String name) {
    RedisProcess redis = RedisProcess.launch();
    return new Siege(name, redis, new TcpProxy(redis.host(), redis.port()));
  }

  private ParleyProcess launch() {
    honestSeconds = 0;
    String file = name + (started++ == 0 ? "" : "-" + started);
    return ParleyProcess.contained(file, settings.toArray(String[]::new)).awaitReady();
  }

  boolean isAlive() {
    return instance.isAlive();
  }

  ParleyProcess instance() {
    if (!instance.isAlive()) {
      instance = launch();
    }
    return instance;
  }

  /** Gives honest clients other tokens than those with the secret of the tests. */
  Siege withTokens(UnaryOperator<String> ofUsers) {
    tokens = ofUsers;
    return this;
  }

  /** The way in for clients with these tokens. */
  private record Gate(int port, UnaryOperator<String> tokens) implements Entrance {
    @Override
    public String credential(String user) {
      return tokens.apply(user);
    }
  }

  RedisProcess redis() {
    return Objects.requireNonNull(redis);
  }

  TcpProxy proxy() {
    return Objects.requireNonNull(proxy);
  }

  /** Lets an attack go on for so long, or until the instance has ended of it. */
  void last(Duration duration) {
    long end = System.nanoTime() + duration.toNanos();
    await()
        .atMost(duration.plusSeconds(10))
        .pollInterval(Duration.ofMillis(20))
        .until(() -> !instance.isAlive() || System.nanoTime() - end > 0);
  }

  /**
   * The attack costs honest clients neither messages nor time, and the container no memory. If
   * other programs keep the processors busy, as much more time is granted.
   */
  void withstands(String what, Attack attack) throws Exception {
    withstands(what, P99_MILLIS, attack);
  }

  /** As {@link #withstands}, for what delays everybody, such as a Redis that does not answer. */
  void survives(String what, Attack attack) throws Exception {
    withstands(what, Integer.MAX_VALUE, attack);
  }

  private void withstands(String what, int p99, Attack attack) throws Exception {
    ParleyProcess target = instance();
    SoftAssertions result = new SoftAssertions();
    int seconds = Math.max(1, COMPILED_AFTER - honestSeconds);
    honestSeconds += seconds;
    try (Honest honest = Honest.enter(new Gate(target.port(), tokens), what, seconds);
        Memory memory = Memory.of(target)) {
      Contention contention = Contention.of(target.pid(), ProcessHandle.current().pid());
      honest.delays().measure();
      result.assertThatCode(attack::run).doesNotThrowAnyException();
      awaitEnough(honest.delays());
      honest.delays().pause();
      double allowance = contention.allowance();
      boolean alive = target.isAlive();
      result.assertThat(alive).as("alive after %d s", memory.seconds()).isTrue();
      if (alive) {
        result.assertThat(honest.disconnected()).as("honest members without connection").isZero();
        result.assertThatCode(honest::comeBack).doesNotThrowAnyException();
        result.assertThatCode(honest::settle).doesNotThrowAnyException();
        result.assertThatCode(honest::assertNothingIsLost).doesNotThrowAnyException();
        result
            .assertThat(honest.delays().p99())
            .as("p99, in ms, beside other programs that allow for %.1f times as much", allowance)
            .isLessThan((int) Math.min(p99 * allowance, Integer.MAX_VALUE));
      }
      result.assertThat(memory.megabytes()).as("MB resident").isLessThan(CONTAINER_MEGABYTES);
      log.info(
          "{}: {} after {} s, {} MB resident, p99 {} ms (bound times {}) of {} deliveries, {} refusals",
          what,
          alive ? "alive" : "ended",
          memory.seconds(),
          memory.megabytes(),
          honest.delays().p99(),
          "%.1f".formatted(allowance),
          honest.delays().count(),
          honest.refusals());
    }
    result.assertAll();
  }

  private void awaitEnough(Delays delays) {
    await()
        .atMost(Duration.ofSeconds(20))
        .pollInterval(Duration.ofMillis(20))
        .until(() -> !instance.isAlive() || delays.count() >= ENOUGH);
  }

  /** How many objects of a class are alive. */
  long instances(String type) throws IOException {
    return jcmd("GC.class_histogram")
        .map(line -> line.strip().split("\\s+", -1))
        .filter(words -> words.length > 3 && words[3].equals(type))
        .mapToLong(words -> Long.parseLong(words[1]))
        .sum();
  }

  /** Bytes of the heap that are in use after a collection. */
  double liveHeap() throws IOException {
    jcmd("GC.run");
    return instance.metric("jvm_memory_used_bytes", "area=\"heap\"");
  }

  private Stream<String> jcmd(String command) throws IOException {
    Process jcmd =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                Long.toString(instance.pid()),
                command)
            .start();
    try (BufferedReader lines = jcmd.inputReader()) {
      return lines.lines().toList().stream();
    }
  }

  @Override
  public void close() {
    instance.close();
    if (proxy != null) {
      proxy.close();
    }
    if (redis != null) {
      redis.close();
    }
  }
}
