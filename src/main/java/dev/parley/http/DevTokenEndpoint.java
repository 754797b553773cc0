package dev.parley.http;

import dev.parley.access.token.DevTokens;
import dev.parley.protocol.UserId;
import dev.parley.security.Problem;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.convert.DurationStyle;
import org.springframework.context.annotation.Profile;
import org.springframework.http.CacheControl;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Hands out tokens under profile {@code dev}: {@code GET /dev/token?user=&name=&scope=&ttl=}. */
@RestController
@Profile("dev")
class DevTokenEndpoint {
  private static final int MAX_NAME = 64;
  private static final int MAX_SCOPE = 256;
  private static final Duration DEFAULT_TTL = Duration.ofHours(1);
  private static final Duration MAX_TTL = Duration.ofDays(365);

  private final @Nullable DevTokens tokens;

  DevTokenEndpoint(ObjectProvider<DevTokens> tokens) {
    this.tokens = tokens.getIfAvailable();
  }

  @GetMapping(path = "/dev/token", produces = MediaType.APPLICATION_JSON_VALUE)
  ResponseEntity<?> token(
      @RequestParam(required = false) @Nullable String user,
      @RequestParam(required = false) @Nullable String name,
      @RequestParam(required = false) @Nullable String scope,
      @RequestParam(required = false) @Nullable String ttl) {
    if (tokens == null) {
      return ProblemResponse.of(
          new Problem(HttpStatus.NOT_FOUND, "Tokens come from the configured issuer"));
    }
    UserId id = user == null ? null : UserId.parse(user);
    if (id == null) {
      return bad("user: 1-127 characters of A-Z a-z 0-9 . _ : ~ @ | + = - are expected");
    }
    if (name != null && !isName(name)) {
      return bad("name: 1-64 characters without control characters are expected");
    }
    if (scope != null && !isScope(scope)) {
      return bad("scope: words with a space between are expected, such as parley.admin");
    }
    Duration timeToLive = ttl == null ? DEFAULT_TTL : duration(ttl);
    if (timeToLive == null) {
      return bad("ttl: a duration from 1s to 365d is expected, such as 4s or 10m");
    }
    return ResponseEntity.ok()
        .cacheControl(CacheControl.noStore())
        .body(tokens.issue(id, name, scope, timeToLive));
  }

  private static boolean isName(String name) {
    return !name.isBlank()
        && name.length() <= MAX_NAME
        && name.chars().noneMatch(Character::isISOControl);
  }

  /** RFC 6749, section 3.3. */
  private static boolean isScope(String scope) {
    return scope.length() <= MAX_SCOPE
        && scope.chars().allMatch(c -> c >= ' ' && c <= '~' && c != '"' && c != '\\');
  }

  private static @Nullable Duration duration(String text) {
    try {
      Duration duration = DurationStyle.detectAndParse(text);
      return duration.compareTo(Duration.ofSeconds(1)) < 0 || duration.compareTo(MAX_TTL) > 0
          ? null
          : duration;
    } catch (IllegalArgumentException | ArithmeticException noDuration) {
      return null;
    }
  }

  private static ResponseEntity<byte[]> bad(String detail) {
    return ProblemResponse.of(new Problem(HttpStatus.BAD_REQUEST, detail));
  }
}
