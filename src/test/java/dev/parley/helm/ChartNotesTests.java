package dev.parley.helm;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.crypto.MACVerifier;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpServer;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.Pod;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.opentest4j.TestAbortedException;

/** What somebody does who has installed the chart: reads on, makes a token, tests it. */
@Tag("helm")
@Timeout(60)
class ChartNotesTests {

  @ParameterizedTest
  @EnumSource
  void notesSayHowToReachIt(ValueSet values) {
    assertThat(notes(values.yaml()))
        .contains("port-forward service/", "ws://localhost:8080/ws", "helm -n talk test chat")
        .doesNotContain("<no value>", "%!", "\n\n\n", Chart.SECRET);
  }

  @Test
  void notesNameTheWaysIn() {
    assertThat(notes(ValueSet.INGRESS_WITH_COOKIE.yaml())).contains("wss://chat.example.org/ws");
    assertThat(notes(ValueSet.INGRESS_WITH_HASH.yaml())).contains("ws://chat.example.org/ws");
    assertThat(notes(ValueSet.GATEWAY.yaml())).contains("chat.example.org: /ws");
    assertThat(notes(ValueSet.LOAD_BALANCER.yaml())).contains("get service chat-parley");
    assertThat(notes(ValueSet.ISSUER.yaml()))
        .contains("comes from https://login.example:8443/realms/main");
  }

  @ParameterizedTest
  @EnumSource(
      value = ValueSet.class,
      names = {"MINIMAL", "EXISTING_SECRET"})
  void theTokenMadeByTheNotesCounts(ValueSet values) throws Exception {
    String notes = notes(values.yaml());
    String snippet = notes.substring(notes.indexOf("  secret="), notes.indexOf("  To check it"));
    String secret =
        Base64.getEncoder().encodeToString(Chart.SECRET.getBytes(StandardCharsets.UTF_8));
    String script = "kubectl() { echo %s; }\n%s\necho \"$token\"".formatted(secret, snippet);
    Ended shell = sh("openssl", script, "");
    assertThat(shell.status()).isZero();
    SignedJWT token = SignedJWT.parse(shell.output().strip());
    assertThat(token.verify(new MACVerifier(Chart.SECRET))).isTrue();
    assertThat(token.getJWTClaimsSet().getSubject()).isEqualTo("ann");
    assertThat(token.getJWTClaimsSet().getExpirationTime().toInstant())
        .isBetween(Instant.now().plusSeconds(3_000), Instant.now().plusSeconds(3_700));
    assertThat(token.getJWTClaimsSet().getJSONObjectClaim("rooms")).containsKey("*");
  }

  @ParameterizedTest
  @ValueSource(ints = {401, 426})
  void theTestPodIsContentWithAVerdict(int status) throws Exception {
    Ended pod = testPod(status);
    assertThat(pod.output()).startsWith("ready: ");
    assertThat(pod.status()).isZero();
  }

  @ParameterizedTest
  @ValueSource(ints = {200, 404, 503})
  void theTestPodIsNotContentWithAnythingElse(int status) throws Exception {
    Ended pod = testPod(status);
    assertThat(pod.output()).contains("no verdict of http://").contains(" " + status + " ");
    assertThat(pod.status()).isEqualTo(1);
  }

  @Test
  void theTestPodAsksTheServiceAndIsATest() {
    Pod pod = Manifests.of(ValueSet.LOAD_BALANCER.yaml()).all(Pod.class).getFirst();
    assertThat(pod.getSpec().getContainers().getFirst().getEnv())
        .filteredOn(variable -> variable.getName().equals("SERVICE"))
        .extracting(EnvVar::getValue)
        .containsExactly("http://chat-parley:8443");
    // As the chart is copied for tests: otherwise Helm would leave the hook out.
    assertThat(pod.getMetadata().getAnnotations()).containsEntry("example.org/hook", "test");
  }

  private static String notes(String... values) {
    return Chart.notes("1.30.0", values);
  }

  /** Runs what the pod runs against a server that answers like this. */
  private static Ended testPod(int status) throws Exception {
    Container test =
        Manifests.of(Chart.MINIMAL).all(Pod.class).getFirst().getSpec().getContainers().getFirst();
    assertThat(test.getCommand()).containsExactly("sh", "-c");
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/ws",
        exchange -> {
          exchange.sendResponseHeaders(status, -1);
          exchange.close();
        });
    server.start();
    try {
      String service = "http://127.0.0.1:" + server.getAddress().getPort();
      return sh("wget", "TRIES=1\n" + test.getArgs().getFirst(), service);
    } finally {
      server.stop(0);
    }
  }

  /** How a process ended. */
  private record Ended(int status, String output) {}

  private static Ended sh(String needed, String script, String service)
      throws IOException, InterruptedException {
    if (run("command -v " + needed, "").status() != 0) {
      throw new TestAbortedException("needs " + needed + ", but it is not on the PATH");
    }
    return run(script, service);
  }

  private static Ended run(String script, String service) throws IOException, InterruptedException {
    ProcessBuilder shell =
        new ProcessBuilder(List.of("sh", "-c", script)).redirectErrorStream(true);
    shell.environment().put("SERVICE", service);
    shell.environment().keySet().removeIf(name -> name.toLowerCase(Locale.ROOT).endsWith("_proxy"));
    Process process = shell.start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    return new Ended(process.exitValue(), output);
  }
}
