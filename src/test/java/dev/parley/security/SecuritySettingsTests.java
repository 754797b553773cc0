package dev.parley.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import dev.parley.access.token.DevTokens;
import dev.parley.access.token.TokenSettingsException;
import dev.parley.protocol.UserId;
import dev.parley.support.RawHttp;
import dev.parley.support.RawHttp.Answer;
import dev.parley.support.TestTokens;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.interfaces.ECPrivateKey;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;

/** The door under other settings: each test starts its own on a free port. */
@Tag("service")
@Timeout(60)
@ExtendWith(OutputCaptureExtension.class)
class SecuritySettingsTests {
  private static final String SECRET = "parley.access.jwt-secret=" + SecurityApplication.SECRET;
  private static final String KEY =
      "spring.security.oauth2.resourceserver.jwt.public-key-location=";

  @TempDir private Path directory;

  @Test
  void guestsAreLetInWhereConfiguredButABadTokenIsNoGuest() {
    try (var context = SecurityApplication.start(SECRET, "parley.access.anonymous=true")) {
      RawHttp http = http(context);
      assertThat(http.upgrade("/ws").status()).isEqualTo(101);
      assertThat(http.get("/ws").status()).isEqualTo(426);
      assertThat(http.get("/api/me").body()).contains("guest-");
      assertThat(http.upgrade("/ws?token=x").status()).isEqualTo(401);
      assertThat(http.upgrade("/ws?token=").status()).isEqualTo(401);
      assertThat(http.upgrade("/ws", "Authorization: Bearer").status()).isEqualTo(401);
      assertThat(http.upgrade("/ws", "Sec-WebSocket-Protocol: bearer.").status()).isEqualTo(401);
    }
  }

  @Test
  void anAddressThatAsksTooOftenIs429() {
    try (var context =
        SecurityApplication.start(
            SECRET,
            "parley.limits.handshakes-per-second=1",
            "parley.limits.handshake-burst=3",
            "parley.access.allowed-origins=https://app.example.org")) {
      RawHttp http = http(context);
      for (int i = 0; i < 3; i++) {
        assertThat(http.upgrade("/ws?token=x").status()).isEqualTo(401);
      }
      Answer answer = http.get("/ws?token=x", "Origin: https://app.example.org");
      assertThat(answer.status()).isEqualTo(429);
      assertThat(answer.header("Content-Type")).startsWith("application/problem+json");
      assertThat(answer.header("Retry-After")).isEqualTo("1");
      assertThat(answer.header("Access-Control-Allow-Origin")).isEqualTo("https://app.example.org");
      assertThat(answer.body()).contains("\"code\":\"rate_limited\"");
      assertThat(http.get("/api/me", "Authorization: Bearer " + TestTokens.of("ann")).status())
          .isEqualTo(200);
    }
  }

  @Test
  void nothingIsLimitedWhereLimitsAreOff() {
    try (var context =
        SecurityApplication.start(
            SECRET, "parley.limits.enabled=false", "parley.limits.handshake-burst=1")) {
      for (int i = 0; i < 10; i++) {
        assertThat(http(context).upgrade("/ws").status()).isEqualTo(401);
      }
    }
  }

  @Test
  void behindAProxyThatIsBelievedOriginAndAddressAreTheClients() {
    try (var context =
        SecurityApplication.start(
            SECRET,
            "server.forward-headers-strategy=native",
            "parley.limits.handshakes-per-second=1",
            "parley.limits.handshake-burst=1")) {
      String token = "Authorization: Bearer " + TestTokens.of("ann");
      String origin = "Origin: https://chat.example.org";
      List<String> from = List.of("X-Forwarded-Proto: https", "X-Forwarded-Host: chat.example.org");
      RawHttp http = http(context);
      assertThat(http.send("GET", "/ws", from, token, origin, "X-Forwarded-For: 1.2.3.4").status())
          .isEqualTo(426);
      assertThat(http.send("GET", "/ws", from, token, origin, "X-Forwarded-For: 1.2.3.4").status())
          .isEqualTo(429);
      // Whoever is behind 1.2.3.4 does not become somebody else by saying so in another way.
      assertThat(
              http.send(
                      "GET",
                      "/ws",
                      from,
                      token,
                      origin,
                      "X-Forwarded-For: 1.2.3.4",
                      "Forwarded: for=5.6.7.8;host=evil.example;proto=http",
                      "X-Forwarded-Server: evil.example")
                  .status())
          .isEqualTo(429);
      assertThat(http.send("GET", "/ws", from, token, origin, "X-Forwarded-For: 1.2.3.5").status())
          .isEqualTo(426);
    }
  }

  @Test
  void anRsaKeyVerifiesItsTokensAndNoOthers() throws Exception {
    KeyPair pair = keys("RSA", 2048);
    byte[] pem = Files.readAllBytes(pem(pair.getPublic()));
    try (var context =
        SecurityApplication.start(
            KEY + "file:" + pem(pair.getPublic()), "parley.access.audience=chat")) {
      var claims = TestTokens.claims("ann", c -> c.audience("chat"));
      assertThat(
              verdict(
                  context,
                  TestTokens.signed(
                      claims, JWSAlgorithm.RS256, new RSASSASigner(pair.getPrivate()))))
          .isEqualTo(426);
      assertThat(
              verdict(
                  context,
                  TestTokens.signed(
                      TestTokens.claims("ann", c -> {}),
                      JWSAlgorithm.RS256,
                      new RSASSASigner(pair.getPrivate()))))
          .isEqualTo(401);
      assertThat(
              verdict(
                  context,
                  TestTokens.signed(
                      claims,
                      JWSAlgorithm.RS256,
                      new RSASSASigner(keys("RSA", 2048).getPrivate()))))
          .isEqualTo(401);
      assertThat(
              verdict(context, TestTokens.signed(claims, JWSAlgorithm.HS256, new MACSigner(pem))))
          .isEqualTo(401);
      assertThat(
              verdict(
                  context,
                  TestTokens.signed(
                      claims, JWSAlgorithm.HS256, new MACSigner(pair.getPublic().getEncoded()))))
          .isEqualTo(401);
      assertThat(verdict(context, TestTokens.unsigned("ann"))).isEqualTo(401);
    }
  }

  @Test
  void anEcKeyVerifiesItsTokens() throws Exception {
    KeyPair pair = keys("EC", 256);
    try (var context = SecurityApplication.start(KEY + "file:" + pem(pair.getPublic()))) {
      assertThat(
              verdict(
                  context,
                  TestTokens.signed(
                      TestTokens.claims("ann", c -> {}),
                      JWSAlgorithm.ES256,
                      new ECDSASigner((ECPrivateKey) pair.getPrivate()))))
          .isEqualTo(426);
      assertThat(verdict(context, TestTokens.of("ann"))).isEqualTo(401);
    }
  }

  @Test
  void keysThatCannotBeFetchedAre503() {
    try (var context =
        SecurityApplication.start(
            "spring.security.oauth2.resourceserver.jwt.jwk-set-uri=http://127.0.0.1:1/keys")) {
      String header = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhbm4ifQ.c2ln";
      assertThat(verdict(context, header)).isEqualTo(503);
      assertThat(verdict(context, TestTokens.of("ann"))).isEqualTo(401);
    }
  }

  @Test
  void withoutTokenSettingsTheStartFailsWithOneSentence(CapturedOutput output) {
    assertThatThrownBy(SecurityApplication::start).hasRootCauseMessage(none());
    assertThat(output)
        .contains("APPLICATION FAILED TO START")
        .contains(none())
        .doesNotContain("\tat ");
  }

  @Test
  void aShortSecretFailsTheStartAndIsNotShown(CapturedOutput output) {
    assertThatThrownBy(() -> SecurityApplication.start("parley.access.jwt-secret=hush-hush"));
    assertThat(output)
        .contains("parley.access.jwt-secret must have at least 32 bytes")
        .doesNotContain("hush-hush");
  }

  @Test
  void twoKindsOfKeysFailTheStart(CapturedOutput output) {
    assertThatThrownBy(() ->
        SecurityApplication.start(
            SECRET,
            "spring.security.oauth2.resourceserver.jwt.jwk-set-uri=http://127.0.0.1:1/keys"));
    assertThat(output)
        .contains("Parley is told twice which tokens to trust")
        .doesNotContain(SecurityApplication.SECRET);
  }

  @Test
  void aFileThatIsNoPublicKeyFailsTheStart(CapturedOutput output) throws Exception {
    Path file = Files.writeString(directory.resolve("key.pem"), "no key");
    assertThatThrownBy(() -> SecurityApplication.start(KEY + "file:" + file));
    assertThat(output).contains("must name a PEM file with an RSA or EC public key");
  }

  @Test
  void anOriginThatIsNoneFailsTheStart(CapturedOutput output) {
    assertThatThrownBy(
        () -> SecurityApplication.start(SECRET, "parley.access.allowed-origins=example.org"));
    assertThat(output).contains("parley.access.allowed-origins", "not an origin");
  }

  @Test
  void profileDevMakesItsOwnKeyLetsGuestsInAndSaysSo(CapturedOutput output) {
    try (var context = SecurityApplication.start("spring.profiles.active=dev")) {
      RawHttp http = http(context);
      assertThat(http.upgrade("/ws", "Origin: null").status()).isEqualTo(101);
      assertThat(http.upgrade("/ws", "Origin: http://localhost:5173").status()).isEqualTo(101);
      assertThat(http.upgrade("/ws", "Origin: http://evil.example.org").status()).isEqualTo(403);
      String token =
          context
              .getBean(DevTokens.class)
              .issue(new UserId("ann"), "Ann", null, Duration.ofHours(1))
              .token();
      assertThat(http.upgrade("/ws?token=" + token).status()).isEqualTo(101);
      assertThat(verdict(context, TestTokens.of("ann"))).isEqualTo(401);
      assertThat(context.getEnvironment().getProperty("server.address")).isEqualTo("127.0.0.1");
    }
    assertThat(output).contains("PROFILE dev");
  }

  @Test
  void underDevOnlyLocalNamesReachAnything() {
    try (var context = SecurityApplication.start("spring.profiles.active=dev")) {
      RawHttp http = http(context);
      for (String target : List.of("/", "/ws", "/dev/token?user=x&scope=parley.admin", "/api/me")) {
        assertThat(http.as("evil.example:8080").get(target).status()).isEqualTo(421);
        assertThat(http.as("localhost.evil.example").get(target).status()).isEqualTo(421);
        assertThat(http.as("10.0.0.1").get(target).status()).isEqualTo(421);
        assertThat(http.as("evil.example").get(target, "Origin: http://localhost:5173").status())
            .isEqualTo(421);
      }
      assertThat(http.as("evil.example").get("/actuator/health").status()).isEqualTo(421);
      assertThat(http.as("evil.example").upgrade("/ws", "Origin: http://evil.example").status())
          .isEqualTo(421);
      for (String name :
          List.of("localhost:1", "LocalHost", "a.localhost", "127.8.0.1", "[::1]:2")) {
        assertThat(http.as(name).upgrade("/ws").status()).as(name).isEqualTo(101);
      }
    }
  }

  @Test
  void otherNamesThanThoseConfiguredAreRefused() {
    try (var context =
        SecurityApplication.start(
            SECRET,
            "parley.access.hosts=chat.example.org",
            "server.forward-headers-strategy=native")) {
      RawHttp http = http(context);
      String token = "Authorization: Bearer " + TestTokens.of("ann");
      assertThat(http.as("Chat.example.org").get("/api/me", token).status()).isEqualTo(200);
      assertThat(http.as("localhost").get("/api/me", token).status()).isEqualTo(200);
      assertThat(http.as("example.org").get("/api/me", token).status()).isEqualTo(421);
      assertThat(
              http.as("localhost").get("/api/me", token, "X-Forwarded-Host: evil.example").status())
          .isEqualTo(421);
      assertThat(
              new RawHttp(SecurityApplication.port(context, "local.management.port"))
                  .as("10.0.0.1")
                  .get("/actuator/health")
                  .status())
          .isEqualTo(200);
    }
    try (var context = SecurityApplication.start(SECRET)) {
      assertThat(http(context).as("any.example").get("/api/me").status()).isEqualTo(401);
    }
  }

  @Test
  void aTokenWithoutExpiryCountsOnlyWhereConfigured() {
    String token = TestTokens.with("ann", claims -> claims.expirationTime(null));
    try (var context = SecurityApplication.start(SECRET)) {
      Answer answer = http(context).get("/ws", "Authorization: Bearer " + token);
      assertThat(answer.status()).isEqualTo(401);
      assertThat(answer.body()).contains("The token has no expiry (claim exp)");
    }
    try (var context =
        SecurityApplication.start(SECRET, "parley.access.tokens-without-expiry=true")) {
      assertThat(verdict(context, token)).isEqualTo(426);
    }
  }

  @Test
  void underDevTheOperatorsEndpointsShareThePort() {
    try (var context = SecurityApplication.start("spring.profiles.active=dev")) {
      assertThat(http(context).get("/actuator/health").status()).isEqualTo(200);
      assertThat(http(context).get("/actuator/prometheus").status()).isEqualTo(200);
      assertThat(http(context).get("/actuator/env").status()).isEqualTo(404);
    }
  }

  @Test
  void profileDevTakesAConfiguredSecret() {
    try (var context = SecurityApplication.start("spring.profiles.active=dev", SECRET)) {
      assertThat(verdict(context, TestTokens.of("ann"))).isEqualTo(426);
    }
  }

  @Test
  void noTokenReachesTheLogEvenWhereEverythingOfSpringsIsLogged(CapturedOutput output) {
    String good = TestTokens.of("ann");
    String bad = good.substring(0, good.length() - 4) + "AAAA";
    String expired = TestTokens.endingIn(-3_600);
    try (var context =
        SecurityApplication.start(
            SECRET,
            "logging.level.dev.parley=TRACE",
            "logging.level.org.springframework=TRACE",
            "logging.level.com.nimbusds=TRACE",
            "spring.mvc.log-request-details=true",
            "server.jetty.accesslog.enabled=true")) {
      RawHttp http = http(context);
      for (String token : List.of(good, bad, expired, "x." + good)) {
        http.upgrade("/ws?token=" + token);
        http.upgrade("/ws?access_token=" + token, "Origin: null");
        http.upgrade("/ws", "Authorization: Bearer " + token);
        http.upgrade("/ws", "Sec-WebSocket-Protocol: parley.v1, bearer." + token);
        http.get("/ws?token=" + token);
        http.get("/api/me?token=" + token);
        http.get("/api/none?token=" + token, "Authorization: Bearer " + token);
        http.get("/elsewhere?token=" + token);
        http.send("GET", "/ws?token=" + token, List.of("Upgrade: websocket"));
      }
    }
    assertThat(output).contains("\"GET /ws HTTP/1.1\" 101");
    Matcher leaked = Pattern.compile(".*eyJhbGciOi.*").matcher(output);
    assertThat(leaked.find() ? leaked.group() : "").isEmpty();
    assertThat(output).doesNotContain(SecurityApplication.SECRET);
  }

  private static String none() {
    return String.valueOf(TokenSettingsException.none().getMessage());
  }

  private static RawHttp http(ConfigurableApplicationContext context) {
    return new RawHttp(SecurityApplication.port(context));
  }

  private static int verdict(ConfigurableApplicationContext context, String token) {
    return http(context).get("/ws", "Authorization: Bearer " + token).status();
  }

  private static KeyPair keys(String algorithm, int size) throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
    generator.initialize(size);
    return generator.generateKeyPair();
  }

  private Path pem(PublicKey key) throws Exception {
    String body = Base64.getMimeEncoder().encodeToString(key.getEncoded());
    return Files.writeString(
        directory.resolve("key.pem"),
        "-----BEGIN PUBLIC KEY-----\n" + body + "\n-----END PUBLIC KEY-----\n");
  }
}
