package dev.parley.support;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.codec.RedisCodec;
import io.lettuce.core.codec.StringCodec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import redis.embedded.core.ExecutableProvider;

/**
 * A redis-server of a test's own, on loopback, that can be killed and started again on the same
 * port with the files it left. It runs with the redis.conf that docker-compose.yml has. Ended by
 * {@link #close}, at the latest with the JVM.
 */
public final class RedisProcess implements AutoCloseable {
  private static final Duration START = Duration.ofSeconds(10);

  /** What docker-compose.yml mounts. */
  public static final Path CONFIGURATION = Path.of("src/main/compose/redis/redis.conf");

  private final String binary;
  private final Path directory;
  private final int port;
  private final List<String> settings;
  private @Nullable Process process;

  private RedisProcess(String binary, List<String> settings) {
    try {
      this.binary = binary;
      this.directory = Files.createTempDirectory("parley-redis");
      this.port = Machine.freePort();
      this.settings = settings;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Runtime.getRuntime().addShutdownHook(new Thread(this::close));
    start();
  }

  /**
   * Starts one, which keeps nothing on disk unless {@code settings} say so, such as {@code
   * "appendonly yes"}.
   *
   * @throws org.opentest4j.TestAbortedException where this machine has no redis-server and none is
   *     required
   */
  public static RedisProcess launch(String... settings) {
    String binary =
        binary()
            .orElseThrow(
                () -> Requirement.REDIS.missing("no redis-server was found on this machine"));
    return launchFrom(binary, settings);
  }

  /** As {@link #launch}, with one of {@link #binaries}. */
  public static RedisProcess launchFrom(String binary, String... settings) {
    return new RedisProcess(binary, List.of(settings));
  }

  /** One whose log survives a kill: it answers only what is on disk. */
  public static RedisProcess durable() {
    return launch("appendonly yes", "appendfsync always", "aof-use-rdb-preamble no");
  }

  /**
   * What {@code REDIS_SERVER} names, else a redis-server or valkey-server of the machine, else the
   * one that embedded-redis brings.
   */
  public static Optional<String> binary() {
    return binaries().findFirst();
  }

  /** All servers that there are, the one that tests use by default first. */
  public static Stream<String> binaries() {
    return Stream.<Supplier<Optional<String>>>of(
            () -> Optional.ofNullable(System.getenv("REDIS_SERVER")),
            () -> Machine.program("redis-server").map(Path::toString),
            () -> Machine.program("valkey-server").map(Path::toString),
            RedisProcess::embedded)
        .map(Supplier::get)
        .flatMap(Optional::stream);
  }

  private static Optional<String> embedded() {
    try {
      return Optional.of(ExecutableProvider.newJarResourceProvider().get().getAbsolutePath());
    } catch (IOException | RuntimeException notForThisPlatform) {
      return Optional.empty();
    }
  }

  /** Makes its snapshots fail from now on, and takes one. */
  public void failSnapshots() {
    Path inTheWay = directory.resolve("dump.rdb");
    if (!inTheWay.toFile().mkdir()) {
      throw new IllegalStateException("there is a snapshot already");
    }
    ask(redis -> redis.bgsave());
    org.awaitility.Awaitility.await()
        .atMost(START)
        .until(
            () -> ask(redis -> redis.info("persistence")).contains("rdb_last_bgsave_status:err"));
  }

  public String host() {
    return "127.0.0.1";
  }

  public int port() {
    return port;
  }

  public RedisURI uri() {
    return RedisURI.create(host(), port);
  }

  /** Starts it (again) and waits until it has loaded what it kept. */
  public void start() {
    List<String> command = new ArrayList<>(List.of(binary, CONFIGURATION.toString()));
    command.addAll(List.of("--port", Integer.toString(port), "--bind", "127.0.0.1"));
    command.addAll(List.of("--dir", directory.toString(), "--appendonly", "no"));
    // By default a primary waits 5 s for further replicas before it sends one what it has.
    command.addAll(List.of("--repl-diskless-sync-delay", "0"));
    for (String setting : settings) {
      String[] words = setting.split(" ", 2);
      command.add("--" + words[0]);
      command.addAll(List.of(words[1].split(" ", -1)));
    }
    try {
      process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(directory.resolve("log").toFile())
              .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    org.awaitility.Awaitility.await()
        .atMost(START)
        .pollInterval(Duration.ofMillis(20))
        .until(this::isReady);
  }

  private boolean isReady() {
    try (Socket socket = new Socket(host(), port)) {
      socket.setSoTimeout(1_000);
      socket.getOutputStream().write("PING\r\n".getBytes(US_ASCII));
      byte[] answer = new byte[5];
      return socket.getInputStream().readNBytes(answer, 0, 5) == 5
          && (answer[0] == '+' || new String(answer, US_ASCII).equals("-NOAU"));
    } catch (IOException notYet) {
      return false;
    }
  }

  /** Ends it as a crash does (SIGKILL). */
  public void kill() {
    Process running = process;
    process = null;
    if (running != null) {
      running.destroyForcibly();
      try {
        running.waitFor(10, TimeUnit.SECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  public void restart() {
    kill();
    start();
  }

  /** The file to which it appends every write. */
  public Path appendOnlyFile() {
    try (Stream<Path> files = Files.walk(directory)) {
      return files
          .filter(file -> file.toString().endsWith(".aof"))
          .filter(file -> !file.toString().contains(".base."))
          .max(Comparator.comparing(Path::toString))
          .orElseThrow();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Asks it something, on a connection that is closed afterwards. */
  public <T> T ask(Function<RedisCommands<String, byte[]>, T> question) {
    return ask(uri(), question);
  }

  public static <T> T ask(RedisURI uri, Function<RedisCommands<String, byte[]>, T> question) {
    RedisClient client = RedisClient.create(uri);
    try (StatefulRedisConnection<String, byte[]> connection =
        client.connect(RedisCodec.of(StringCodec.ASCII, ByteArrayCodec.INSTANCE))) {
      return question.apply(connection.sync());
    } finally {
      client.shutdown(Duration.ZERO, Duration.ofSeconds(1));
    }
  }

  @Override
  public void close() {
    kill();
    try (Stream<Path> files = Files.walk(directory)) {
      files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
    } catch (IOException | UncheckedIOException alreadyGone) {
      // A file that Redis removed meanwhile needs no removal.
    }
  }
}
