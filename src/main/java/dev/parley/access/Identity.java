package dev.parley.access;

import dev.parley.budget.Account;
import dev.parley.budget.Budgets;
import dev.parley.protocol.UserId;
import java.time.Instant;
import java.util.Arrays;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who a connection or request speaks for: what was taken from the token, never the token itself.
 *
 * @param displayName claim {@code name}, {@code preferred_username}, then the subject
 * @param guest let in without a token; the display name may be set once, by the first {@code join}
 * @param expiresAt null if the identity does not expire
 * @param tokenId claim {@code jti}
 * @param claims what the claim {@code rooms} grants; equal ones are one object
 * @param scopes of the token, without a prefix: {@code parley.admin}
 */
public record Identity(
    UserId user,
    String displayName,
    boolean guest,
    @Nullable Instant expiresAt,
    @Nullable String tokenId,
    RoomClaims claims,
    Set<String> scopes) {

  private static final String SERVER = "server ";

  /**
   * Opens the account that answers for whatever is held on behalf of this identity: the user's, or
   * that of the address for a guest, who is another user each time.
   */
  public Account account(Budgets budgets, String address) {
    if (guest) {
      return budgets.account("address " + address);
    }
    return budgets.account((isServer() ? SERVER : "user ") + user.value());
  }

  /** Whether {@link #account} opened it for a server. */
  public static boolean isServers(Account account) {
    return account.name().startsWith(SERVER);
  }

  /** Whether it is a server or an operator, with a token that has one of the {@link Scope}s. */
  public boolean isServer() {
    return !scopes.isEmpty() && Arrays.stream(Scope.values()).anyMatch(this::has);
  }

  /** Whether the token has this scope, or the admin's, which is all of them. */
  public boolean has(Scope scope) {
    return !scopes.isEmpty()
        && (scopes.contains(scope.value()) || scopes.contains(Scope.ADMIN.value()));
  }
}
