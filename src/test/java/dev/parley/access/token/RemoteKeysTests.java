package dev.parley.access.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.nimbusds.jose.jwk.RSAKey;
import dev.parley.security.SecurityApplication;
import dev.parley.support.RawHttp;
import dev.parley.support.TestTokens;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;

/** Tokens of an issuer whose keys are fetched, and what becomes of them if it does not behave. */
@Tag("service")
@Timeout(60)
@ExtendWith(OutputCaptureExtension.class)
class RemoteKeysTests {
  private static final String KEYS = "spring.security.oauth2.resourceserver.jwt.jwk-set-uri=";
  private static final String ISSUER = "spring.security.oauth2.resourceserver.jwt.issuer-uri=";
  private static final String NO_LIMITS = "parley.limits.enabled=false";

  private final ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor();
  private final KeyService issuer = new KeyService();

  @AfterEach
  void stop() {
    clients.shutdownNow();
    issuer.close();
  }

  @Test
  void tokensOfAJwksAndOfAnIssuerCount() {
    try (var context = SecurityApplication.start(KEYS + issuer.keysLocation())) {
      assertThat(verdict(context, issuer.token("ann"))).isEqualTo(426);
      assertThat(verdict(context, TestTokens.of("ann"))).isEqualTo(401);
    }
    try (var context = SecurityApplication.start(ISSUER + issuer.issuer())) {
      assertThat(verdict(context, issuer.issuedToken("ann"))).isEqualTo(426);
      // It does not say that it is this issuer's.
      assertThat(verdict(context, issuer.token("ann"))).isEqualTo(401);
    }
  }

  @Test
  void manyTokensWithUnknownKeysCostOneFetch() {
    try (var context = SecurityApplication.start(KEYS + issuer.keysLocation(), NO_LIMITS)) {
      await().until(() -> verdict(context, issuer.token("ann")) == 426);
      int before = issuer.fetches();
      List<String> strange = strange(50);
      long begun = System.nanoTime();
      assertThat(verdicts(context, strange)).isSubsetOf(401, 503);
      if (System.nanoTime() - begun < RemoteKeys.PAUSE.toNanos()) {
        assertThat(issuer.fetches() - before).isLessThanOrEqualTo(1);
      }
      assertThat(issuer.fetches() - before).isLessThanOrEqualTo(2);
      assertThat(verdict(context, issuer.token("ann"))).isEqualTo(426);
    }
  }

  @Test
  void aHungKeyServerHoldsUpNoTokenWhoseKeyIsKnown(CapturedOutput output) {
    try (var context = SecurityApplication.start(KEYS + issuer.keysLocation(), NO_LIMITS)) {
      await().until(() -> verdict(context, issuer.token("ann")) == 426);
      issuer.hang();
      List<String> strange = strange(220);
      awaitPause();
      CompletableFuture<List<Integer>> flood =
          CompletableFuture.supplyAsync(() -> verdicts(context, strange), clients);
      for (int i = 0; i < 10; i++) {
        long begun = System.nanoTime();
        assertThat(verdict(context, issuer.token("ann"))).isEqualTo(426);
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(1));
      }
      // Nobody knows which keys the issuer has today.
      assertThat(flood.join()).containsOnly(503);
      assertThat(output.toString().lines().filter(line -> line.contains(" ERROR ")))
          .hasSizeLessThanOrEqualTo(1)
          .allSatisfy(line ->
              assertThat(line)
                  .contains("cannot be fetched from " + issuer.keysLocation())
                  .contains("does not answer in time"));
    }
  }

  @Test
  void anExchangedKeyCountsWithinSeconds() {
    try (var context = SecurityApplication.start(KEYS + issuer.keysLocation())) {
      await().until(() -> verdict(context, issuer.token("ann")) == 426);
      issuer.rotate("second");
      await()
          .atMost(Duration.ofSeconds(10))
          .until(() -> verdict(context, issuer.token("ann")) == 426);
    }
  }

  /** It is a good token: whoever was told 401 would throw it away. */
  @Test
  void aTokenOfANewKeyIsNotCalledBadWhileNoFetchIsDue() {
    try (var context = SecurityApplication.start(KEYS + issuer.keysLocation())) {
      await().until(() -> verdict(context, issuer.token("ann")) == 426);
      awaitPause();
      long before = System.nanoTime();
      // This one has the keys fetched, and is known to be bad by that.
      assertThat(verdict(context, strange(1).getFirst())).isEqualTo(401);
      issuer.rotate("second");
      int fetches = issuer.fetches();
      String bearer = "Authorization: Bearer " + issuer.token("ann");
      RawHttp.Answer handshake = http(context).get("/ws", bearer);
      RawHttp.Answer request = http(context).get("/api/me", bearer);
      if (System.nanoTime() - before < RemoteKeys.PAUSE.toNanos()) {
        for (RawHttp.Answer answer : List.of(handshake, request)) {
          assertThat(answer.status()).isEqualTo(503);
          assertThat(answer.header("Retry-After")).isEqualTo("5");
          assertThat(answer.body()).doesNotContain("token_invalid");
        }
        assertThat(issuer.fetches()).isEqualTo(fetches);
      }
      assertThat(handshake.status()).isNotEqualTo(401);
      assertThat(request.status()).isNotEqualTo(401);
      await()
          .atMost(Duration.ofSeconds(10))
          .until(() -> http(context).get("/api/me", bearer).status() == 200);
    }
  }

  @Test
  void aTokenThatIsOlderThanTheKeysIsBadAtOnce() {
    try (var context = SecurityApplication.start(KEYS + issuer.keysLocation(), NO_LIMITS)) {
      await().until(() -> verdict(context, issuer.token("ann")) == 426);
      // The key that it had is gone; the first of them may cause a fetch, the second cannot.
      String old =
          KeyService.token(
              TestTokens.claims(
                  "ann", claims -> claims.issueTime(Date.from(Instant.now().minusSeconds(600)))),
              KeyService.newKey("retired"));
      assertThat(verdict(context, old)).isEqualTo(401);
      assertThat(verdict(context, old)).isEqualTo(401);
      // The skew that is allowed between clocks.
      String recent =
          KeyService.token(
              TestTokens.claims(
                  "ann", claims -> claims.issueTime(Date.from(Instant.now().minusSeconds(30)))),
              KeyService.newKey("retired"));
      assertThat(verdicts(context, List.of(recent, recent, recent))).contains(503);
    }
  }

  @Test
  void tokensWithUnknownKeysCountAsBadOnesOfTheirAddress() {
    try (var context =
        SecurityApplication.start(
            KEYS + issuer.keysLocation(),
            "parley.limits.handshakes-per-second=1",
            "parley.limits.handshake-burst=10")) {
      await().until(() -> verdict(context, issuer.token("ann")) == 426);
      List<Integer> answers = new ArrayList<>();
      for (String token : strange(20)) {
        answers.add(http(context).get("/api/me", "Authorization: Bearer " + token).status());
      }
      assertThat(answers).contains(503, 429).endsWith(429);
    }
  }

  @Test
  void keysAreFetchedWhenTheIssuerComesBack(CapturedOutput output) {
    issuer.hang();
    try (var context = SecurityApplication.start(KEYS + issuer.keysLocation())) {
      assertThat(verdict(context, issuer.token("ann"))).isEqualTo(503);
      issuer.recover();
      await()
          .atMost(Duration.ofSeconds(15))
          .until(() -> verdict(context, issuer.token("ann")) == 426);
    }
    assertThat(output).contains("No token can be verified").contains("can be fetched from");
  }

  /** Otherwise no balancer would send it the token that could. */
  @Test
  void keysAreFetchedAgainThoughNobodyShowsAToken(CapturedOutput output) {
    issuer.hang();
    try (var context = SecurityApplication.start(KEYS + issuer.keysLocation())) {
      RemoteKeys keys = context.getBean(RemoteKeys.class);
      await()
          .atMost(Duration.ofSeconds(10))
          .until(() -> String.valueOf(keys.unmet()).contains("cannot be fetched"));
      issuer.recover();
      await().atMost(Duration.ofSeconds(15)).until(() -> keys.unmet() == null);
    }
    assertThat(output).contains("can be fetched from " + issuer.keysLocation() + " again");
  }

  @Test
  void anAddressWhoseTokensKeepBeingBadIs429OverRestToo() {
    try (var context =
        SecurityApplication.start(
            "parley.access.jwt-secret=" + SecurityApplication.SECRET,
            "parley.limits.handshakes-per-second=1",
            "parley.limits.handshake-burst=3")) {
      RawHttp http = http(context);
      for (int i = 0; i < 10; i++) {
        assertThat(http.get("/api/me", "Authorization: Bearer " + TestTokens.of("ann")).status())
            .isEqualTo(200);
      }
      for (int i = 0; i < 3; i++) {
        assertThat(http.get("/api/me", "Authorization: Bearer bad").status()).isEqualTo(401);
      }
      RawHttp.Answer answer = http.get("/api/me", "Authorization: Bearer bad");
      assertThat(answer.status()).isEqualTo(429);
      assertThat(answer.header("Retry-After")).isEqualTo("1");
      assertThat(answer.body()).contains("\"code\":\"rate_limited\"");
    }
  }

  /** Until a token with an unknown key may cause a fetch again. */
  private static void awaitPause() {
    long since = System.nanoTime();
    await()
        .atMost(Duration.ofSeconds(10))
        .until(() -> System.nanoTime() - since > RemoteKeys.PAUSE.toNanos());
  }

  private static List<String> strange(int count) {
    RSAKey key = KeyService.newKey("none");
    List<String> tokens = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      tokens.add(KeyService.token("mallory", new RSAKey.Builder(key).keyID("k" + i).build()));
    }
    return tokens;
  }

  private List<Integer> verdicts(ConfigurableApplicationContext context, List<String> tokens) {
    List<CompletableFuture<Integer>> answers =
        IntStream.range(0, tokens.size())
            .mapToObj(
                i -> CompletableFuture.supplyAsync(() -> verdict(context, tokens.get(i)), clients))
            .toList();
    return answers.stream().map(CompletableFuture::join).toList();
  }

  private static RawHttp http(ConfigurableApplicationContext context) {
    return new RawHttp(SecurityApplication.port(context));
  }

  private static int verdict(ConfigurableApplicationContext context, String token) {
    return http(context).get("/ws", "Authorization: Bearer " + token).status();
  }
}
