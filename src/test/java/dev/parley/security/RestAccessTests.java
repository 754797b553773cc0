package dev.parley.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.nimbusds.jwt.JWTClaimsSet;
import dev.parley.access.Scope;
import dev.parley.support.RawHttp;
import dev.parley.support.TestTokens;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.http.HttpMethod;

/** The table of who may make which request, at the door itself; behind it nothing answers. */
@Tag("service")
@Timeout(60)
class RestAccessTests {
  private static final String PASSED = "404";

  @Test
  void everyRequestNeedsItsScope() {
    try (var context =
        SecurityApplication.start(
            "parley.access.anonymous=true", "parley.access.jwt-secret=" + TestTokens.SECRET)) {
      RawHttp http = new RawHttp(SecurityApplication.port(context));
      assertThat(List.of("GET /api/v1/rooms", "HEAD /api/v1/rooms", "GET /api/v1/statistics"))
          .extracting(
              r -> status(http, r, scope("parley.read")),
              r -> status(http, r, scope("parley.moderate parley.publish")))
          .containsOnly(tuple(PASSED, "403"));
      assertThat(List.of("DELETE /api/v1/rooms/a", "PUT /api/v1/rooms/a/members/b"))
          .extracting(
              r -> status(http, r, scope("parley.moderate")),
              r -> status(http, r, scope("parley.read parley.publish")))
          .containsOnly(tuple(PASSED, "403"));
      assertThat(List.of("POST /api/v1/instances/a/drain", "GET /api/v1/connections"))
          .extracting(
              r -> status(http, r, scope("parley.admin")),
              r -> status(http, r, scope("parley.read parley.publish parley.moderate")))
          .containsOnly(tuple(PASSED, "403"));
      assertThat(status(http, "GET /api/v1/rooms", c -> c.claim("scp", List.of("parley.read"))))
          .isEqualTo(PASSED);
      // Wherever nothing is, more rights would not help.
      assertThat(status(http, "GET /api/v1/none", scope("parley.read"))).isEqualTo("404");
      assertThat(status(http, "GET /api/v1/none", scope("parley.admin"))).isEqualTo(PASSED);
      RawHttp.Answer denied = answer(http, "GET /api/v1/rooms", c -> {});
      assertThat(denied.status()).isEqualTo(403);
      assertThat(denied.header("WWW-Authenticate"))
          .isEqualTo("Bearer error=\"insufficient_scope\"");
      assertThat(denied.body()).contains("\"code\":\"forbidden\"");
      // A guest showed no token, so that is what it is told.
      RawHttp.Answer guest = http.get("/api/v1/rooms");
      assertThat(guest.status()).isEqualTo(401);
      assertThat(guest.header("WWW-Authenticate")).isEqualTo("Bearer");
    }
  }

  @Test
  void aRuleIsFoundByMethodAndPath() {
    assertThat(RestAccess.rule(HttpMethod.GET, "/api/v1/rooms"))
        .extracting(RestAccess.Rule::scope)
        .isEqualTo(Scope.READ);
    assertThat(RestAccess.rule(HttpMethod.POST, "/api/v1/rooms")).isNull();
  }

  private static Consumer<JWTClaimsSet.Builder> scope(String scopes) {
    return claims -> claims.claim("scope", scopes);
  }

  private static String status(
      RawHttp http, String request, Consumer<JWTClaimsSet.Builder> claims) {
    return Integer.toString(answer(http, request, claims).status());
  }

  private static RawHttp.Answer answer(
      RawHttp http, String request, Consumer<JWTClaimsSet.Builder> claims) {
    String[] words = request.split(" ", -1);
    return http.send(
        words[0],
        words[1],
        List.of("Connection: close"),
        "Authorization: Bearer " + TestTokens.with("ops", claims));
  }
}
