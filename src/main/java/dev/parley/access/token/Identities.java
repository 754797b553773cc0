package dev.parley.access.token;

import com.github.benmanes.caffeine.cache.Interner;
import dev.parley.access.Identity;
import dev.parley.access.RoomClaims;
import dev.parley.protocol.UserId;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.stereotype.Component;

/**
 * Makes identities: of verified tokens, and of guests. Equal claims and scopes become one object,
 * since thousands of connections share a few of them. Thread-safe.
 */
@Component
public final class Identities {
  private static final int GUEST_BYTES = 12;

  private final SecureRandom random = new SecureRandom();
  private final Interner<RoomClaims> claims = Interner.newWeakInterner();
  private final Interner<Set<String>> scopes = Interner.newWeakInterner();

  /**
   * @throws InvalidTokenException if the subject cannot be a user id, or the claim {@code rooms} is
   *     malformed
   */
  Identity of(Jwt token) {
    String subject = token.getSubject();
    UserId user = subject == null ? null : UserId.parse(subject);
    if (user == null) {
      throw new InvalidTokenException("The token has an unusable subject");
    }
    return new Identity(
        user,
        displayName(token, user),
        false,
        token.getExpiresAt(),
        token.getId(),
        claims.intern(RoomsClaim.parse(token.getClaims().get("rooms"))),
        scopes.intern(scopes(token)));
  }

  /** A new guest; 96 random bits, so that no two are ever the same user. */
  public Identity guest() {
    byte[] bytes = new byte[GUEST_BYTES];
    random.nextBytes(bytes);
    UserId user =
        new UserId("guest-" + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes));
    return new Identity(user, user.value(), true, null, null, RoomClaims.NONE, Set.of());
  }

  private static String displayName(Jwt token, UserId user) {
    for (String claim : new String[] {"name", "preferred_username"}) {
      if (token.getClaims().get(claim) instanceof String text) {
        String name = DisplayName.of(text);
        if (!name.isEmpty()) {
          return name;
        }
      }
    }
    return DisplayName.of(user.value());
  }

  /** RFC 8693's {@code scope}, words with spaces between, and {@code scp}, as others write it. */
  private static Set<String> scopes(Jwt token) {
    Set<String> all = new HashSet<>();
    addScopes(token.getClaims().get("scope"), all);
    addScopes(token.getClaims().get("scp"), all);
    return Set.copyOf(all);
  }

  private static void addScopes(@Nullable Object claim, Set<String> to) {
    if (claim instanceof String words) {
      Arrays.stream(words.split(" ")).filter(word -> !word.isEmpty()).forEach(to::add);
    } else if (claim instanceof Collection<?> list) {
      list.forEach(entry -> {
        if (entry instanceof String word && !word.isEmpty()) {
          to.add(word);
        }
      });
    }
  }
}
