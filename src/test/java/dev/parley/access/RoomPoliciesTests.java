package dev.parley.access;

import static dev.parley.access.Access.claims;
import static dev.parley.access.Access.policy;
import static dev.parley.access.Access.properties;
import static dev.parley.access.Access.user;
import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.access.AccessProperties.Allow;
import dev.parley.access.token.Identities;
import dev.parley.protocol.RoomName;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.util.unit.DataSize;

class RoomPoliciesTests {
  private static final RoomName LOBBY = new RoomName("lobby");
  private static final RoomName ANNS = new RoomName("@ann");
  private final Identity ann = user("ann", RoomClaims.NONE);
  private final Identity guest = new Identities().guest();

  @Test
  void allowsNothingInSharedRoomsWithoutConfigurationAndClaim() {
    RoomPolicies policies = policies(Allow.CLAIM);
    assertThat(granted(policies, ann, LOBBY)).isEmpty();
    assertThat(granted(policies, guest, LOBBY)).isEmpty();
  }

  @Test
  void grantsWhatTheClaimsPatternsAddUpTo() {
    RoomPolicies policies = policies(Allow.CLAIM);
    Identity bob =
        user(
            "bob",
            new RoomClaims(
                Map.of(
                    new RoomPattern("*"), Set.of(Permission.JOIN),
                    new RoomPattern("lob*"), Set.of(Permission.PUBLISH))));
    assertThat(granted(policies, bob, LOBBY)).containsExactly(Permission.JOIN, Permission.PUBLISH);
    assertThat(granted(policies, bob, new RoomName("news"))).containsExactly(Permission.JOIN);
  }

  @Test
  void authenticatedIsEveryoneButGuests() {
    RoomPolicies policies = policies(Allow.AUTHENTICATED);
    assertThat(granted(policies, ann, LOBBY)).containsExactly(Permission.values());
    assertThat(granted(policies, guest, LOBBY)).isEmpty();
  }

  @Test
  void anonymousIsEveryone() {
    RoomPolicies policies = policies(Allow.ANONYMOUS);
    assertThat(granted(policies, ann, LOBBY)).containsExactly(Permission.values());
    assertThat(granted(policies, guest, LOBBY)).containsExactly(Permission.values());
  }

  @Test
  void theFirstPolicyThatMatchesDecides() {
    RoomPolicies policies =
        policies(
            Allow.ANONYMOUS,
            policy("chat:secret", Allow.CLAIM),
            policy("chat:*", Allow.AUTHENTICATED));
    assertThat(granted(policies, ann, new RoomName("chat:secret"))).isEmpty();
    assertThat(granted(policies, ann, new RoomName("chat:open"))).hasSize(4);
    assertThat(granted(policies, guest, new RoomName("chat:open"))).isEmpty();
    assertThat(granted(policies, guest, LOBBY)).hasSize(4);
  }

  @ParameterizedTest
  @EnumSource(Allow.class)
  void aPersonalRoomIsItsUsersToReadUnderAnyPolicy(Allow allow) {
    RoomPolicies policies = policies(allow, policy("*", allow));
    assertThat(granted(policies, ann, ANNS))
        .containsExactly(Permission.JOIN, Permission.PRESENCE, Permission.HISTORY);
    assertThat(granted(policies, user("bob", RoomClaims.NONE), ANNS)).isEmpty();
    assertThat(granted(policies, user("an", RoomClaims.NONE), ANNS)).isEmpty();
    assertThat(granted(policies, guest, ANNS)).isEmpty();
  }

  @Test
  void aClaimReachesPersonalRoomsOnlyByAPatternThatNamesThem() {
    RoomPolicies policies = policies(Allow.CLAIM);
    assertThat(granted(policies, user("bob", claims("*", Permission.values())), ANNS)).isEmpty();
    assertThat(granted(policies, user("bob", claims("@*", Permission.values())), ANNS))
        .containsExactly(Permission.PUBLISH);
    assertThat(granted(policies, user("bob", claims("@eve", Permission.PUBLISH)), ANNS)).isEmpty();
  }

  @Test
  void anAdminPublishesAndReadsEverywhereButJoinsNowhere() {
    RoomPolicies policies = policies(Allow.CLAIM);
    Identity admin = user("ops", RoomClaims.NONE, "parley.admin");
    assertThat(granted(policies, admin, LOBBY))
        .containsExactly(Permission.PUBLISH, Permission.HISTORY);
    assertThat(granted(policies, admin, ANNS))
        .containsExactly(Permission.PUBLISH, Permission.HISTORY);
  }

  @Test
  void aRoomHasTheSettingsOfTheFirstPolicyThatMatches() {
    RoomPolicies policies =
        policies(
            Allow.CLAIM,
            new PolicyProperties(
                new RoomPattern("in:*"),
                Allow.ANONYMOUS,
                true,
                DataSize.ofBytes(10),
                20,
                PolicyProperties.Presence.OFF,
                new PolicyProperties.History(0, null, DataSize.ofKilobytes(2)),
                false),
            policy("*:1", Allow.CLAIM));
    RoomPolicy first = policies.of(new RoomName("in:1"));
    assertThat(first)
        .isEqualTo(
            new RoomPolicy(
                Allow.ANONYMOUS,
                true,
                10,
                20,
                false,
                new RoomHistory(0, Duration.ofHours(24), 2_048),
                false));
    assertThat(policies.of(new RoomName("in:2"))).isSameAs(first);
    assertThat(policies.of(new RoomName("out:1")))
        .isEqualTo(RoomPolicy.byDefault(Allow.CLAIM, Access.HISTORY))
        .isNotSameAs(policies.of(LOBBY));
    assertThat(policies.of(LOBBY)).isEqualTo(RoomPolicy.byDefault(Allow.CLAIM, Access.HISTORY));
  }

  @Test
  void receiptsAreForAllButGuestsUnlessAPolicySaysOtherwise() {
    RoomPolicies policies =
        policies(
            Allow.ANONYMOUS,
            new PolicyProperties(
                new RoomPattern("quiet:*"),
                Allow.ANONYMOUS,
                false,
                null,
                null,
                PolicyProperties.Presence.EVENTS,
                null,
                false),
            policy("chat:*", Allow.CLAIM));
    assertThat(policies.receipts(ann, LOBBY)).isTrue();
    assertThat(policies.receipts(ann, new RoomName("chat:1"))).isTrue();
    assertThat(policies.receipts(ann, ANNS)).isTrue();
    assertThat(policies.receipts(ann, new RoomName("quiet:1"))).isFalse();
    assertThat(policies.receipts(guest, LOBBY)).isFalse();
  }

  private static RoomPolicies policies(Allow byDefault, PolicyProperties... policies) {
    return new RoomPolicies(properties(byDefault, policies), Access.HISTORY);
  }

  private static List<Permission> granted(RoomPolicies policies, Identity who, RoomName room) {
    return Arrays.stream(Permission.values())
        .filter(permission -> policies.allows(who, room, permission))
        .toList();
  }
}
