package dev.parley.access.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.parley.access.Access;
import dev.parley.access.Identity;
import dev.parley.access.Permission;
import dev.parley.protocol.UserId;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.security.oauth2.jwt.Jwt;

class IdentitiesTests {
  private final Identities identities = new Identities();

  @Test
  void takesWhatTheTokenSays() {
    Instant exp = Instant.ofEpochSecond(2_000_000_000);
    Jwt token =
        token(
            Map.of(
                "sub", "auth0|1",
                "name", "Ann",
                "exp", exp,
                "jti", "t1",
                "scope", "parley.admin  profile",
                "scp", List.of("x"),
                "rooms", Map.of("chat:*", List.of("join", "history"))));
    assertThat(identities.of(token))
        .isEqualTo(
            new Identity(
                new UserId("auth0|1"),
                "Ann",
                false,
                exp,
                "t1",
                Access.claims("chat:*", Permission.JOIN, Permission.HISTORY),
                Set.of("parley.admin", "profile", "x")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a b", "ann\n", "ü", "a/b"})
  void refusesASubjectThatIsNoUserId(String subject) {
    assertThatExceptionOfType(InvalidTokenException.class)
        .isThrownBy(() -> identities.of(token(Map.of("sub", subject))))
        .withMessage("The token has an unusable subject");
  }

  @Test
  void refusesATokenWithoutSubject() {
    assertThatExceptionOfType(InvalidTokenException.class)
        .isThrownBy(() -> identities.of(token(Map.of("name", "Ann"))))
        .withMessage("The token has an unusable subject");
  }

  @Test
  void theNameComesFromTheFirstClaimThatHoldsOne() {
    assertThat(name(Map.of("name", "Ann", "preferred_username", "ann1"))).isEqualTo("Ann");
    assertThat(name(Map.of("name", " \u0007 ", "preferred_username", "ann1"))).isEqualTo("ann1");
    assertThat(name(Map.of("name", 7))).isEqualTo("u1");
    assertThat(name(Map.of())).isEqualTo("u1");
  }

  @Test
  void namesAreFitToBeShown() {
    assertThat(name(Map.of("name", "  A\u0000n\nn\u2028  "))).isEqualTo("Ann");
    assertThat(name(Map.of("name", "a\ud83db"))).isEqualTo("ab");
    assertThat(name(Map.of("name", "x".repeat(100)))).isEqualTo("x".repeat(64));
    assertThat(name(Map.of("name", "x".repeat(63) + "😀"))).isEqualTo("x".repeat(63));
    assertThat(name(Map.of("name", "x".repeat(62) + "😀"))).isEqualTo("x".repeat(62) + "😀");
  }

  static Stream<Object> malformedRooms() {
    return Stream.of(
        "*",
        7,
        true,
        List.of("*"),
        Map.of("*", "join"),
        Map.of("*", List.of("JOIN")),
        Map.of("*", List.of("join", "fly")),
        Map.of("*", List.of(1)),
        Map.of("", List.of("join")),
        Map.of("a b", List.of("join")),
        Map.of("x".repeat(129), List.of("join")),
        Map.of("*", Map.of("join", true)),
        Map.of("ok", List.of("join"), "*", Arrays.asList("join", null)),
        mapOf("*", null));
  }

  @ParameterizedTest
  @MethodSource("malformedRooms")
  void refusesAMalformedClaimAsAWhole(Object rooms) {
    assertThatExceptionOfType(InvalidTokenException.class)
        .isThrownBy(() -> identities.of(token(Map.of("sub", "u1", "rooms", rooms))))
        .withMessageStartingWith("The token has a malformed claim rooms: ");
  }

  static List<Arguments> malformedParts() {
    return List.of(
        arguments("*", "it is not an object of room patterns"),
        arguments(Map.of("a b", List.of("join")), "'a b' is not a room pattern: 1-128 characters"),
        arguments(Map.of("chat:*", "join"), "what 'chat:*' grants is not an array of permissions"),
        arguments(
            Map.of("chat:*", List.of("join", "read")),
            "'chat:*' grants 'read', which is none of join, publish, presence and history"),
        arguments(Map.of("*", List.of("\u0007<\"é\\>")), "'*' grants '?<???>', which is"),
        arguments(Map.of("*", List.of("x".repeat(99))), "'" + "x".repeat(40) + "...'"));
  }

  @ParameterizedTest
  @MethodSource("malformedParts")
  void namesThePartOfTheClaimThatIsMalformed(Object rooms, String part) {
    assertThatExceptionOfType(InvalidTokenException.class)
        .isThrownBy(() -> identities.of(token(Map.of("sub", "u1", "rooms", rooms))))
        .withMessageContaining(part);
  }

  @Test
  void equalPermissionsAreOneObject() {
    Map<String, Object> claims =
        Map.of("sub", "u1", "scope", "a", "rooms", Map.of("*", List.of("join")));
    Identity one = identities.of(token(claims));
    Identity two = identities.of(token(claims));
    assertThat(one.claims()).isSameAs(two.claims());
    assertThat(one.scopes()).isSameAs(two.scopes());
  }

  @Test
  void everyGuestIsAnotherUser() {
    Set<UserId> users = new HashSet<>();
    for (int i = 0; i < 1_000; i++) {
      Identity guest = identities.guest();
      assertThat(guest.guest()).isTrue();
      assertThat(guest.user().value()).matches("guest-[A-Za-z0-9_-]{16}");
      assertThat(guest.displayName()).isEqualTo(guest.user().value());
      users.add(guest.user());
    }
    assertThat(users).hasSize(1_000);
  }

  private String name(Map<String, Object> claims) {
    Map<String, Object> all = new HashMap<>(claims);
    all.put("sub", "u1");
    return identities.of(token(all)).displayName();
  }

  private static Map<String, Object> mapOf(String key, @Nullable Object value) {
    Map<String, Object> map = new HashMap<>();
    map.put(key, value);
    return map;
  }

  private static Jwt token(Map<String, Object> claims) {
    return Jwt.withTokenValue("t").header("alg", "HS256").claims(all -> all.putAll(claims)).build();
  }
}
