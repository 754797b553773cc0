package dev.parley.access.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.parley.security.SecurityApplication;
import dev.parley.support.TestTokens;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.context.ConfigurableApplicationContext;

/** Tokens as issuers make them, good and bad, put to the verifier as the service wires it. */
@Tag("service")
class TokensTests {
  private static ConfigurableApplicationContext context;
  private static Tokens tokens;

  @BeforeAll
  static void start() {
    context =
        SecurityApplication.start(
            "parley.access.jwt-secret=" + SecurityApplication.SECRET,
            "parley.access.tokens-without-expiry=true");
    tokens = context.getBean(Tokens.class);
  }

  @AfterAll
  static void stop() {
    context.close();
  }

  @ParameterizedTest
  @NullSource
  @ValueSource(
      strings = {
        "JWT",
        "jwt",
        "application/jwt",
        "at+jwt",
        "AT+JWT",
        "application/at+jwt",
        "Application/At+JWT"
      })
  void plainTokensAndAccessTokensCount(@Nullable String type) {
    assertThat(tokens.verify(TestTokens.verbatim(type, "{\"sub\":\"ann\"}")).user().value())
        .isEqualTo("ann");
  }

  @ParameterizedTest
  @ValueSource(strings = {"logout+jwt", "dpop+jwt", "JOSE", "at+jwt ", "text/at+jwt"})
  void tokensOfOtherTypesAreRefused(String type) {
    assertRefused(
        TestTokens.verbatim(type, "{\"sub\":\"ann\"}"),
        "The token is of another type (header typ) than JWT and at+jwt");
  }

  @ParameterizedTest
  @CsvSource({
    "nbf, 1152921504606846976",
    "nbf, 9223372036854775807",
    "nbf, 9223372036854775808",
    "nbf, 1e30",
    "nbf, 253402300800",
    "nbf, -1",
    "nbf, '\"1700000000\"'",
    "nbf, true",
    "nbf, []",
    "exp, 1152921504606846976",
    "exp, -9223372036854775808",
    "exp, -0.5",
    "exp, '\"never\"'",
    "exp, {}",
    "iat, 1152921504606846976",
    "iat, 1700000000000",
    "iat, '\"2026-01-01T00:00:00Z\"'"
  })
  void aTimeThatIsNoneIsRefusedAndNamed(String claim, String value) {
    assertRefused(
        TestTokens.verbatim("JWT", "{\"sub\":\"ann\",\"%s\":%s}".formatted(claim, value)),
        "The token has a malformed claim: "
            + claim
            + " (a time in seconds since 1970 is expected)");
  }

  @ParameterizedTest
  @CsvSource({
    "nbf, 0",
    "nbf, 1.5",
    "nbf, 1.7e9",
    "nbf, null",
    "exp, 253402300799",
    "exp, null",
    "iat, 0",
    "iat, 253402300799"
  })
  void everyTimeOfTheCalendarCounts(String claim, String value) {
    String token = "{\"sub\":\"ann\",\"%s\":%s}".formatted(claim, value);
    assertThat(tokens.verify(TestTokens.verbatim("JWT", token)).user().value()).isEqualTo("ann");
  }

  @Test
  void fractionsOfASecondAreDropped() {
    long soon = Instant.now().getEpochSecond() + 600;
    assertThat(
            tokens
                .verify(TestTokens.verbatim("JWT", "{\"sub\":\"ann\",\"exp\":" + soon + ".9}"))
                .expiresAt())
        .isEqualTo(Instant.ofEpochSecond(soon));
  }

  @Test
  void aStartFarInTheFutureIsNotReachedYet() {
    assertRefused(
        TestTokens.verbatim("JWT", "{\"sub\":\"ann\",\"nbf\":253402300799}"),
        "The token is not valid yet");
  }

  private static void assertRefused(String token, String reason) {
    assertThatExceptionOfType(InvalidTokenException.class)
        .isThrownBy(() -> tokens.verify(token))
        .withMessage(reason);
  }
}
