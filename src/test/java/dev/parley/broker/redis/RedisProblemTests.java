package dev.parley.broker.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.broker.redis.RedisProblem.Kind;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisConnectionException;
import io.netty.channel.ConnectTimeoutException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletionException;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RedisProblemTests {
  private static final Path SCRIPTS = Path.of("src/main/resources/dev/parley/broker/redis");
  private static final Pattern CALL = Pattern.compile("(?:call\\(|\\{)'([A-Z]+)'");

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "PASSWORD_WRONG    | WRONGPASS invalid username-password pair or user is disabled.",
        "PASSWORD_MISSING  | NOAUTH Authentication required.",
        "PASSWORD_MISSING  | NOAUTH HELLO must be called with the client already authenticated, otherwise",
        "PASSWORD_UNWANTED | ERR AUTH <password> called without any password configured for the default user.",
        "RIGHTS            | NOPERM this user has no permissions to run the 'info' command",
        "RIGHTS            | ERR The user executing the script can't run this command or subcommand",
        "RIGHTS            | ACL failure in script: User u has no permissions to run the 'xadd' command",
        "DATABASE          | ERR DB index is out of range",
        "PROTECTED         | DENIED Redis is running in protected mode because protected mode is enabled",
        "TOO_MANY_CLIENTS  | ERR max number of clients reached",
        "LOADING           | LOADING Redis is loading the dataset in memory",
        "REPLICA           | READONLY You can't write against a read only replica.",
        "REPLICA           | MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
        "CLUSTER           | MOVED 3999 127.0.0.1:6381",
        "CLUSTER           | CLUSTERDOWN Hash slot not served",
        "UNSUPPORTED       | ERR unknown command 'SCRIPT', with args beginning with: 'LOAD'",
        "FULL              | OOM command not allowed when used memory > 'maxmemory'.",
        "FULL              | ERR Error running script: -OOM command not allowed when used memory",
        "NOT_SAVING        | MISCONF Redis is configured to save RDB snapshots, but it is currently",
        "TOO_FEW_REPLICAS  | NOREPLICAS Not enough good replicas to write.",
        "OTHER             | ERR whatever comes next",
      })
  void errorRepliesTellTheProblem(Kind kind, String reply) {
    Exception failure =
        new RedisConnectionException(
            "Unable to connect", new RedisCommandExecutionException(reply));
    String detail = reply.replace(", with args beginning with: 'LOAD'", "");
    assertThat(RedisProblem.of(failure)).isEqualTo(new RedisProblem(kind, detail));
  }

  @Test
  void faultsOfTheNetworkTellTheProblem() {
    assertThat(kind(new UnknownHostException("redis"))).isEqualTo(Kind.UNKNOWN_NAME);
    assertThat(kind(new ConnectException("Connection refused"))).isEqualTo(Kind.NOT_LISTENING);
    assertThat(kind(new ConnectTimeoutException("timed out"))).isEqualTo(Kind.NO_ANSWER);
    assertThat(kind(new SSLHandshakeException("no trust"))).isEqualTo(Kind.NO_TLS);
    assertThat(kind(new RedisProblem.UnusableException(Kind.REPLICA))).isEqualTo(Kind.REPLICA);
  }

  private static Kind kind(Exception cause) {
    return RedisProblem.of(new CompletionException(new RedisConnectionException("no", cause)))
        .kind();
  }

  @Test
  void argumentsThatRedisRepeatsAreNotTold() {
    String reply = "ERR unknown command 'AUTH', with args beginning with: 'parley' 'hunter2'";
    assertThat(RedisProblem.of(reply).sentence("redis:6379"))
        .contains("unknown command 'AUTH'")
        .doesNotContain("parley'", "hunter2");
    assertThat(
            RedisProblem.of("ERR unknown command `AUTH`, with args beginning with: `hunter2`, ")
                .sentence("redis:6379"))
        .doesNotContain("hunter2");
  }

  @Test
  void sentenceNamesTheAddressTheCauseAndTheRemedy() {
    assertThat(new RedisProblem(Kind.DATABASE, "ERR DB index is out of range").sentence("r:6379"))
        .isEqualTo(
            "Redis at r:6379 cannot be used: it has no such database (ERR DB index is out of"
                + " range). Check spring.data.redis.database.");
  }

  @Test
  void probeCallsWhateverTheScriptsCall() throws Exception {
    Set<String> probed = calls(SCRIPTS.resolve("probe.lua"));
    Set<String> called = new TreeSet<>();
    try (Stream<Path> scripts = Files.list(SCRIPTS)) {
      for (Path script : scripts.filter(each -> !each.endsWith("probe.lua")).toList()) {
        called.addAll(calls(script));
      }
    }
    assertThat(called).isNotEmpty().contains("XADD", "PUBLISH");
    assertThat(probed).containsAll(called);
  }

  private static Set<String> calls(Path script) throws Exception {
    Set<String> calls = new TreeSet<>();
    CALL.matcher(Files.readString(script)).results().forEach(call -> calls.add(call.group(1)));
    return calls;
  }
}
