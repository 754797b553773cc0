package dev.parley.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/**
 * An instance of the service: a process of the jar on free ports of loopback, without a profile,
 * without limits, with its log in {@code target/cluster}. Ended by {@link #close}, at the latest
 * with the JVM.
 */
public final class ParleyProcess implements Entrance, AutoCloseable {
  private static final Duration START = Duration.ofSeconds(90);

  /** The users' port, then the operators'. */
  private static final Pattern USERS =
      Pattern.compile("(?:Users' port |Chat page: http://localhost:)(\\d+)");

  private static final Pattern OPERATORS = Pattern.compile("Operators' port (\\d+):");

  /** Everybody with a token may do everything in any room. */
  private static final List<String> OPEN =
      List.of(
          "--parley.access.policies[0].rooms=*",
          "--parley.access.policies[0].allow=authenticated",
          "--parley.access.policies[0].publish-without-join=true");

  private static final String KEY = "--parley.access.jwt-secret=" + TestTokens.SECRET;

  /** Quick to start, and too little heap for anything to queue up unnoticed. */
  private static final List<String> SMALL =
      List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx128m", "-ea");

  /** What the image's JVM has in a container of 512 MB. */
  private static final List<String> CONTAINER =
      List.of("@src/main/image/jvm.options", "-Xmx256m", "-XX:MaxDirectMemorySize=128m");

  /** Given where an instance takes the place of another; else a free one. */
  public static final String PORT = "--server.port=";

  private static final HttpClient http = HttpClient.newHttpClient();

  private final String name;
  private volatile List<Integer> ports = List.of();
  private final Path log;
  private final Process process;

  private ParleyProcess(
      String name, List<String> jvm, Map<String, String> environment, List<String> settings) {
    this.name = name;
    Path jar =
        Path.of(Objects.requireNonNull(System.getProperty("jar.under.test"), "jar.under.test"));
    log = jar.resolveSibling("cluster").resolve(name + ".log");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(jvm);
    command.addAll(List.of("-jar", jar.toString()));
    command.addAll(
        List.of(
            "--server.address=127.0.0.1",
            "--management.server.address=127.0.0.1",
            "--management.server.port=0"));
    command.addAll(settings);
    if (settings.stream().noneMatch(setting -> setting.startsWith(PORT))) {
      command.add(PORT + "0");
    }
    try {
      Files.createDirectories(log.getParent());
      ProcessBuilder builder =
          new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
      // Of lower rank than an argument: a test whose subject is the drain gives its own.
      builder.environment().put("PARLEY_DRAIN_WINDOW", "0s");
      builder.environment().putAll(environment);
      process = builder.start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
  }

  /** Begins to start one; {@link #awaitReady} waits for it. */
  public static ParleyProcess launch(
      String name, String redisHost, int redisPort, String... settings) {
    List<String> all = new ArrayList<>(OPEN);
    all.add(KEY);
    all.add("--parley.limits.enabled=false");
    // So that rooms and members meet on one lane as well as on two, on any machine.
    all.add("--parley.lanes=2");
    all.add("--parley.broker=redis");
    all.add("--spring.data.redis.host=" + redisHost);
    all.add("--spring.data.redis.port=" + redisPort);
    all.addAll(List.of(settings));
    return new ParleyProcess(name, SMALL, Map.of(), all);
  }

  /** As {@link #launch}, with nothing set but what is given here and where it listens. */
  public static ParleyProcess plain(
      String name, Map<String, String> environment, String... settings) {
    return new ParleyProcess(name, SMALL, environment, List.of(settings));
  }

  /** One with the memory of a container of 512 MB and the limits that are the default. */
  public static ParleyProcess contained(String name, String... settings) {
    List<String> all = new ArrayList<>(OPEN);
    if (Stream.of(settings).noneMatch(setting -> setting.contains(".jwt."))) {
      all.add(KEY);
    }
    all.addAll(List.of(settings));
    return new ParleyProcess(name, CONTAINER, Map.of(), all);
  }

  /** A token of this user, good for an hour on every instance. */
  public static String token(String user) {
    return TestTokens.of(user);
  }

  /** A token with these scopes, good for an hour on every instance. */
  public static String operatorToken(String scopes) {
    return TestTokens.with("operator", claims -> claims.claim("scope", scopes));
  }

  public ParleyProcess awaitReady() {
    Awaitility.await(name + " is ready")
        .atMost(START)
        .pollInterval(Duration.ofMillis(100))
        .until(() -> {
          if (!process.isAlive()) {
            throw new IllegalStateException(name + " ended: see " + log);
          }
          ports =
              Stream.of(USERS, OPERATORS)
                  .flatMap(port -> port.matcher(log()).results())
                  .map(line -> Integer.valueOf(line.group(1)))
                  .toList();
          return ports.size() == 2 && health("readiness") == 200;
        });
    return this;
  }

  @Override
  public int port() {
    return ports.getFirst();
  }

  public int managementPort() {
    return ports.getLast();
  }

  public long pid() {
    return process.pid();
  }

  /** The status of one of the health endpoints; 0 where nobody listens. */
  public int health(String group) {
    return get("/actuator/health/" + group).map(HttpResponse::statusCode).orElse(0);
  }

  /**
   * The sum of a metric over all its tags.
   *
   * @param tag what a line has to contain to count, such as {@code area="heap"}; may be empty
   */
  public double metric(String name, String tag) {
    return get("/actuator/prometheus")
        .map(HttpResponse::body)
        .orElse("")
        .lines()
        .filter(line -> line.startsWith(name + "{") || line.startsWith(name + " "))
        .filter(line -> line.contains(tag))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
        .sum();
  }

  public String log() {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Optional<HttpResponse<String>> get(String path) {
    URI uri = URI.create("http://127.0.0.1:" + managementPort() + path);
    try {
      return Optional.of(
          http.send(
              HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(10)).build(),
              BodyHandlers.ofString()));
    } catch (IOException notYet) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Asks it to stop (SIGTERM); {@link #close} waits for its end. */
  public void terminate() {
    process.destroy();
  }

  /** Ends it as a crash does (SIGKILL). */
  public void kill() {
    process.destroyForcibly();
  }

  /** Pauses it (SIGSTOP) until {@link #proceed}. */
  public void pause() {
    signal("STOP");
  }

  public void proceed() {
    signal("CONT");
  }

  private void signal(String signal) {
    try {
      new ProcessBuilder("kill", "-" + signal, Long.toString(pid())).start().waitFor();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(20, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public String toString() {
    return name;
  }
}
