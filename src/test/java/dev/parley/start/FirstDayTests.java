package dev.parley.start;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import dev.parley.support.Machine;
import dev.parley.support.RawHttp.Answer;
import dev.parley.support.RedisProcess;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** What somebody sees who tries the service for the first time, and gets something wrong. */
@Tag("redis")
@Tag("service")
@Timeout(90)
@ExtendWith(OutputCaptureExtension.class)
class FirstDayTests {
  private static final Duration LONG = Duration.ofSeconds(20);

  /** As a class's name in Java, with its package. */
  private static final Pattern JAVA =
      Pattern.compile("\\b(?:java|javax|org|io|dev|com|tools)(?:\\.[a-z]\\w*)+\\.[A-Z]\\w*");

  /**
   * @param name of the case
   * @param redis its settings; null where none is started
   * @param service its settings beside the port of Redis
   * @param cause what log and health have to say is wrong
   * @param remedy and what is to be done
   */
  record Wrong(
      String name,
      @Nullable List<String> redis,
      List<String> service,
      String cause,
      String remedy) {

    @Override
    public String toString() {
      return name;
    }
  }

  private static String user(String rights) {
    return "user limited on >sesame " + rights;
  }

  private static final List<String> AS_LIMITED =
      List.of("spring.data.redis.username=limited", "spring.data.redis.password=sesame");

  static List<Wrong> wrongRedises() {
    return List.of(
        new Wrong(
            "wrong host",
            null,
            // Such a name is refused without asking anybody.
            List.of("spring.data.redis.host=no..such.host"),
            "its name cannot be resolved",
            "Check spring.data.redis.host"),
        new Wrong(
            "wrong port",
            null,
            List.of(),
            "nothing listens there",
            "Check spring.data.redis.host and .port"),
        new Wrong(
            "no password",
            List.of("requirepass sesame"),
            List.of(),
            "it wants a password, and none is set (NOAUTH",
            "Set spring.data.redis.password (as a variable: SPRING_DATA_REDIS_PASSWORD)"),
        new Wrong(
            "wrong password",
            List.of("requirepass sesame"),
            List.of("spring.data.redis.password=open-poppy"),
            "it does not accept the password, or does not know the user (WRONGPASS",
            "Check spring.data.redis.username and .password"),
        new Wrong(
            "no right to a command",
            List.of(user("~* &* +@all -info")),
            AS_LIMITED,
            "the user may not do all that Parley needs (NOPERM",
            "docs/OPERATIONS.md"),
        new Wrong(
            "no right to a command in scripts",
            List.of(user("~* &* +@all -xadd -hset")),
            AS_LIMITED,
            ": XADD HSET",
            "docs/OPERATIONS.md"),
        new Wrong(
            "no right to keys",
            List.of(user("~other:* &* +@all")),
            AS_LIMITED,
            "the user may not do all that Parley needs (NOPERM",
            "docs/OPERATIONS.md"),
        new Wrong(
            "no right to channels",
            List.of(user("~* resetchannels &other:* +@all")),
            AS_LIMITED,
            "the user may not do all that Parley needs (NOPERM",
            "docs/OPERATIONS.md"),
        new Wrong(
            "may evict",
            List.of("maxmemory-policy allkeys-lru"),
            List.of(),
            "its maxmemory-policy is not noeviction (allkeys-lru)",
            "CONFIG SET maxmemory-policy noeviction"),
        new Wrong(
            "no such database",
            List.of("databases 2"),
            List.of("spring.data.redis.database=7"),
            "it has no such database",
            "Check spring.data.redis.database"),
        new Wrong(
            "a replica",
            List.of("replicaof 127.0.0.1 1"),
            List.of(),
            "it leads to a replica",
            "lead to the primary"),
        new Wrong(
            "a cluster",
            List.of("cluster-enabled yes"),
            List.of(),
            "it is a node of a cluster",
            "Use a single Redis"));
  }

  @ParameterizedTest
  @MethodSource("wrongRedises")
  void aRedisThatCannotBeUsedIsSaidWithCauseAndRemedy(Wrong wrong, CapturedOutput output)
      throws IOException {
    try (RedisProcess redis =
        wrong.redis() == null ? null : RedisProcess.launch(wrong.redis().toArray(String[]::new))) {
      int port = redis == null ? Machine.freePort() : redis.port();
      List<String> settings = new ArrayList<>(wrong.service());
      settings.addAll(
          List.of(FirstDay.SECRET, "parley.broker=redis", "spring.data.redis.port=" + port));
      if (settings.stream().noneMatch(setting -> setting.contains(".host="))) {
        settings.add("spring.data.redis.host=127.0.0.1");
      }
      try (FirstDay service = FirstDay.start(settings.toArray(String[]::new))) {
        await().atMost(LONG).until(() -> !errors(output).isEmpty());
        await()
            .atMost(LONG)
            .untilAsserted(() -> assertThat(service.readiness().body()).contains(wrong.cause()));
        // One line, however many connections have the same trouble.
        assertThat(errors(output))
            .singleElement()
            .asString()
            .contains(":" + port + " cannot be used: ")
            .contains(wrong.cause())
            .contains(wrong.remedy())
            .doesNotContainPattern(JAVA);
        Answer readiness = service.readiness();
        assertThat(readiness.status()).isEqualTo(503);
        assertThat(readiness.body()).contains("\"reason\"", wrong.remedy());
        Answer health = service.operators().get("/actuator/health");
        assertThat(health.status()).isEqualTo(503);
        assertThat(health.body()).contains(wrong.remedy());
        Answer handshake = service.handshake();
        assertThat(handshake.status()).isEqualTo(503);
        assertThat(handshake.header("Retry-After")).isEqualTo("5");
        assertThat(handshake.body())
            .contains("This instance is not ready")
            .doesNotContain(wrong.cause());
        assertThat(output + health.body() + readiness.body())
            .doesNotContain("sesame", "open-poppy");
      }
    }
  }

  @Test
  void whatIsWrongIsSaidAgainWhileItLastsAndThatItIsOver(CapturedOutput output) {
    try (RedisProcess redis = RedisProcess.launch("maxmemory-policy allkeys-lru");
        FirstDay service =
            FirstDay.start(
                FirstDay.SECRET,
                "parley.broker=redis",
                "spring.data.redis.host=127.0.0.1",
                "spring.data.redis.port=" + redis.port())) {
      await().atMost(Duration.ofSeconds(60)).until(() -> errors(output).size() == 2);
      redis.ask(commands -> commands.configSet("maxmemory-policy", "noeviction"));
      await().atMost(LONG).until(() -> service.readiness().status() == 200);
      assertThat(service.handshake().status()).isEqualTo(426);
      assertThat(service.operators().get("/actuator/health").status()).isEqualTo(200);
      assertThat(output).contains("can be used again");
    }
  }

  /** A user with the rights of docs/OPERATIONS.md, and no others. */
  @Test
  void theRightsThatAreDocumentedAreEnough(CapturedOutput output) throws IOException {
    String[] rights =
        Files.readString(Path.of("docs/OPERATIONS.md"))
            .replaceAll("(?s).*ACL SETUSER parley on >password (.*?)```.*", "$1")
            .replace("\\", " ")
            .strip()
            .split("\\s+");
    assertThat(rights).contains("~parley:1:*", "+info");
    try (RedisProcess redis =
            RedisProcess.launch(user("resetkeys resetchannels " + String.join(" ", rights)));
        FirstDay service =
            FirstDay.start(
                FirstDay.SECRET,
                "parley.access.default-policy=authenticated",
                "parley.broker=redis",
                "spring.data.redis.host=127.0.0.1",
                "spring.data.redis.port=" + redis.port(),
                AS_LIMITED.get(0),
                AS_LIMITED.get(1))) {
      await().atMost(LONG).until(() -> service.readiness().status() == 200);
      Answer published = service.publish("lobby", "{\"content\":1}");
      assertThat(published.status()).as(published.body()).isEqualTo(200);
      assertThat(service.operators().get("/actuator/health").status()).isEqualTo(200);
      assertThat(errors(output)).isEmpty();
    }
  }

  @Test
  void anotherServerThanRedisIsSaid(CapturedOutput output) throws IOException {
    HttpServer other =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    other.start();
    try (FirstDay _ =
        FirstDay.start(
            FirstDay.SECRET,
            "parley.broker=redis",
            "spring.data.redis.host=127.0.0.1",
            "spring.data.redis.port=" + other.getAddress().getPort())) {
      await().atMost(LONG).until(() -> !errors(output).isEmpty());
      assertThat(errors(output).getFirst())
          .containsAnyOf("what answers there is not Redis", "it ends the connection at once")
          .doesNotContainPattern(JAVA);
    } finally {
      other.stop(0);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "jwk-set-uri, /keys?secret=sesame, /keys: nothing listens there",
    "issuer-uri, /realm, /realm/.well-known/openid-configuration: nothing listens there"
  })
  void anIssuerThatIsNotReachedIsSaidAndKeepsTheInstanceUnready(
      String setting, String path, String cause, CapturedOutput output) throws IOException {
    String url = "http://127.0.0.1:" + Machine.freePort();
    String name = "spring.security.oauth2.resourceserver.jwt." + setting;
    try (FirstDay service = FirstDay.start(name + "=" + url + path)) {
      await().atMost(LONG).until(() -> !errors(output).isEmpty());
      assertThat(errors(output))
          .singleElement()
          .asString()
          .contains("The keys for tokens cannot be fetched from " + url)
          .contains(cause)
          .contains("Check " + name)
          .doesNotContainPattern(JAVA);
      assertThat(service.readiness().status()).isEqualTo(503);
      assertThat(service.readiness().body()).contains(url, "Check " + name);
      assertThat(output + service.readiness().body()).doesNotContain("sesame");
      assertThat(service.users().get("/ws", "Authorization: Bearer " + someToken()).status())
          .isEqualTo(503);
    }
  }

  private static String someToken() {
    return "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhbm4ifQ.c2ln";
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "parley.history.sise=5           | parley.history.sise (     | nearest is parley.history.size.",
        "parley.acess.anonymous=true     | parley.acess.anonymous (  | nearest is parley.access.anonymous.",
        "parley.access.policies[0].room=a| policies[0].room (        | nearest is parley.access.policies[0].rooms.",
        "parley.lane=2                   | parley.lane (             | nearest is parley.lanes.",
        "parley.history.size=many        | parley.history.size is 'many' | a whole number from 0 to 1000000",
        "parley.history.size=-1          | parley.history.size is '-1'   | must be from 0 to 1000000",
        "parley.limits.burst=0           | parley.limits.burst is '0'    | must be from 1 to 1000000",
        "parley.limits.rooms-per-connection=0 | parley.limits.rooms-per-connection is '0' | must be of at least 1",
        "parley.history.retention=soon   | parley.history.retention is 'soon' | a duration such as 500ms, 10s, 5m or 24h",
        "parley.history.retention=0s     | parley.history.retention is '0s' | between 1s and 365d",
        "parley.websocket.heartbeat=1ms  | parley.websocket.heartbeat is '1ms' | from 1s to 10m",
        "parley.websocket.max-message-bytes=big | max-message-bytes is 'big' | a size such as 500B, 64KB or 1MB",
        "parley.access.anonymous=maybe   | parley.access.anonymous is 'maybe' | true or false",
        "parley.access.default-policy=all| default-policy is 'all' | one of claim, authenticated, anonymous",
        "parley.access.policies[0].rooms=a b | policies[0].rooms is 'a b' | 1-128 characters of a room name's",
        "parley.access.policies[0].allow=claim | policies[0].rooms must be set | Give it a value",
        "parley.access.policies[0].max-message-bytes=65MB | policies[0].max-message-bytes is '65MB' | between 1B and 64MB",
        "parley.access.policies[0].max-members=0 | policies[0].max-members is '0' | between 1 and 1000000",
        "parley.access.policies[0].presence=on | policies[0].presence is 'on' | one of events, off",
        "parley.history.bytes=1B         | parley.history.bytes is '1B' | between 1KB and 1GB",
        "parley.access.policies[0].history.size=-1 | policies[0].history.size is '-1' | between 0 and 1000000",
        "parley.access.policies[0].history.retention=0s | policies[0].history.retention is '0s' | between 1s and 365d",
        "parley.access.policies[0].history.bytes=2GB | policies[0].history.bytes is '2GB' | between 1KB and 1GB",
        "parley.access.allowed-origins=example.org | allowed-origins | not an origin",
        "parley.lanes=99                 | parley.lanes is '99' | from 1 to 64",
        "parley.lanes=two                | parley.lanes is 'two' | a whole number",
        "parley.broker=rediss            | 'parley.broker' | It must be 'embedded' or 'redis'.",
        "server.jetty.threads.max=many    | server.jetty.threads.max is 'many' | a whole number",
        "spring.data.redis.url=redis://ann:sesame@[::1 | spring.data.redis.url is not | redis://user:password@host:port",
        "spring.data.redis.url=http://ann:sesame@redis | spring.data.redis.url is not | redis://user:password@host:port",
        "spring.security.oauth2.resourceserver.jwt.jwk-set-uri=login/keys | jwk-set-uri | a URL such as https://",
      })
  void aSettingThatCannotBeMeantFailsTheStartWithASentence(
      String setting, String what, String allowed, CapturedOutput output) {
    List<String> settings = new ArrayList<>(List.of(setting));
    if (!setting.contains("jwk-set-uri")) {
      settings.add(FirstDay.SECRET);
    }
    if (setting.contains("policies[0].max")
        || setting.contains("policies[0].presence")
        || setting.contains("policies[0].history")) {
      settings.add("parley.access.policies[0].rooms=*");
    }
    if (setting.contains("redis.url")) {
      settings.add("parley.broker=redis");
    }
    assertThatThrownBy(() -> FirstDay.start(settings.toArray(String[]::new)).close());
    assertThat(output).contains("APPLICATION FAILED TO START").contains(what).contains(allowed);
    assertThat(output.toString()).doesNotContainPattern(JAVA).doesNotContain("sesame");
  }

  @Test
  void outsideOfDevTheLastLinesSayWhatIsOpenWhere(CapturedOutput output) {
    try (FirstDay service = FirstDay.start(FirstDay.SECRET)) {
      assertThat(output.getOut().lines())
          .hasSize(3)
          .satisfiesExactly(
              line -> assertThat(line).contains("INFO", "Parley ", "has started in", "embedded"),
              line ->
                  assertThat(line)
                      .contains("Users' port " + service.port() + ":")
                      .contains("/ws", "/raw/{room}", "/api/v1", "all of it needs a token"),
              line ->
                  assertThat(line)
                      .contains("Operators' port " + service.managementPort() + ":")
                      .contains("/actuator"));

      Answer root = service.users().get("/");
      assertThat(root.status()).isEqualTo(200);
      assertThat(root.header("Content-Type")).startsWith("application/json");
      assertThat(root.body().lines()).hasSize(1);
      assertThat(root.body()).contains("\"Parley\"", "a real-time messaging server", "\"/ws\"");
      for (String path :
          List.of("/nothing", "/a/b", "/index.html", "/actuator/env", "/dev/token")) {
        assertNotFound(service.users().get(path), path);
        assertThat(service.users().get(path).header("Link")).isNull();
      }
      assertNotFound(service.operators().get("/nothing"), "the operators' /nothing");
      assertThat(service.operators().get("/").status()).isEqualTo(404);
      assertThat(service.operators().get("/actuator/health").body())
          .contains("\"components\"")
          .doesNotContain("diskSpace", System.getProperty("user.dir"));
    }
  }

  @Test
  void underDevTheLastLinesSayWhereToBegin(CapturedOutput output) {
    try (FirstDay service = FirstDay.start("spring.profiles.active=dev")) {
      String site = "http://localhost:" + service.port();
      assertThat(output.getOut().lines())
          .hasSize(6)
          .satisfiesExactly(
              line -> assertThat(line).contains("WARN", "PROFILE dev"),
              line -> assertThat(line).contains("Parley ", "has started in", "[dev]"),
              line -> assertThat(line).endsWith("Chat page: " + site + "/"),
              line -> assertThat(line).endsWith(site + "/swagger-ui.html"),
              line -> assertThat(line).contains("curl '" + site + "/dev/token?user=ann"),
              line -> assertThat(line).contains("docs/PROTOCOL.md", "docs/OPERATIONS.md"));
      for (String path : List.of("/", "/swagger-ui/index.html", "/dev/token?user=ann&name=Ann")) {
        assertThat(service.users().get(path).status()).as(path).isEqualTo(200);
      }
      for (String path : List.of("/nothing", "/nowhere.html", "/dev/nothing", "/actuator/env")) {
        Answer answer = service.users().get(path);
        assertNotFound(answer, path);
        assertThat(answer.header("Link")).isEqualTo("</swagger-ui.html>; rel=\"help\"");
        assertThat(answer.body()).contains("docs/PROTOCOL.md");
      }
    }
  }

  @Test
  void operatorsWhoShareTheUsersPortAreShownNoDetails() {
    try (FirstDay service = FirstDay.start(FirstDay.SECRET, FirstDay.SHARED_PORT)) {
      for (String path : List.of("/actuator/health", "/actuator/health/readiness")) {
        Answer answer = service.users().get(path);
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.body()).contains("\"status\":\"UP\"").doesNotContain("components");
      }
    }
  }

  @Test
  void anotherUpgradeThatIsOfferedAtTheRootIsPassedOver() {
    try (FirstDay service = FirstDay.start(FirstDay.SECRET)) {
      Answer answer = service.users().get("/", "Connection: Upgrade", "Upgrade: h2c");
      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.body()).contains("\"name\":\"Parley\"");
    }
  }

  @Test
  void emptyListOfPoliciesIsASetting() {
    try (FirstDay service = FirstDay.start(FirstDay.SECRET, "parley.access.policies=")) {
      assertThat(service.handshake().status()).isEqualTo(426);
    }
  }

  private static void assertNotFound(Answer answer, String path) {
    assertThat(answer.status()).as(path).isEqualTo(404);
    assertThat(answer.header("Content-Type")).as(path).startsWith("application/problem+json");
    assertThat(answer.body()).contains("Nothing is at this path");
  }

  /** What was logged at ERROR, without what stands before the message. */
  private static List<String> errors(CapturedOutput output) {
    return output
        .getOut()
        .lines()
        .filter(line -> line.contains(" ERROR "))
        .map(line -> line.substring(line.indexOf(" : ") + 3))
        .toList();
  }
}
