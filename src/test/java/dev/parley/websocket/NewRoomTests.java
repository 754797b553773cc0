package dev.parley.websocket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.parley.budget.BudgetKind;
import dev.parley.budget.Budgets;
import dev.parley.support.ParleyService;
import dev.parley.support.RawHttp;
import dev.parley.support.TestClient;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/** A user has this instance open ten rooms at once, and one a second. */
@Tag("service")
@Timeout(120)
class NewRoomTests {
  private final ParleyService service =
      ParleyService.shared(
          "parley.lanes=2",
          "parley.limits.new-rooms-per-second=1",
          "parley.limits.new-room-burst=10");

  @Test
  void whoHasTooManyRoomsOpenedIsRefusedAndOthersAreNot() {
    String user = ParleyService.unique("user");
    try (TestClient ann = service.user(user);
        TestClient again = service.user(user);
        TestClient bob = service.user(ParleyService.unique("user"))) {
      String known = ParleyService.unique("known");
      bob.join(known);
      List<TestClient> both = List.of(ann, again);
      for (int i = 0; errors(both).isEmpty() && i < 40; i++) {
        String room = ParleyService.unique("new");
        both.get(i % 2).send("{\"type\":\"join\",\"room\":\"" + room + "\"}");
        both.get(i % 2).nextJson(frame -> frame.path("room").asString("").equals(room));
      }
      assertThat(errors(both)).containsExactly("too_many_rooms");
      assertThat(both.stream().flatMap(client -> client.all("error").stream()))
          .allSatisfy(
              error -> assertThat(error.path("retryAfterMs").asLong()).isBetween(1L, 1_000L));
      // A room that is open costs nothing.
      ann.join(known);
      bob.join(ParleyService.unique("new"));
    }
  }

  private static List<String> errors(List<TestClient> clients) {
    return clients.stream()
        .flatMap(client -> client.all("error").stream())
        .map(error -> error.path("code").asString())
        .toList();
  }

  @Test
  void whatIsRefusedIsNotJoinedAndMayBeTriedAgain() {
    try (TestClient ann = service.user(ParleyService.unique("user"))) {
      String last = "";
      while (ann.all("error").isEmpty()) {
        last = ParleyService.unique("new");
        ann.send("{\"type\":\"join\",\"room\":\"" + last + "\"}");
        String room = last;
        ann.nextJson(frame -> frame.path("room").asString("").equals(room));
      }
      String room = last;
      ann.send("{\"type\":\"message\",\"room\":\"" + room + "\",\"ref\":\"m\",\"content\":1}");
      JsonNode error = ann.nextJson(frame -> frame.path("ref").asString("").equals("m"));
      assertThat(error.path("code").asString()).isEqualTo("not_joined");
      await()
          .pollInterval(Duration.ofMillis(200))
          .until(() -> {
            ann.send("{\"type\":\"join\",\"room\":\"" + room + "\",\"ref\":\"again\"}");
            return ann.nextJson(frame -> frame.path("ref").asString("").equals("again"))
                .path("type")
                .asString()
                .equals("joined");
          });
    }
  }

  @Test
  void devicesAndRequestsAreToldTheCauseAndWhenToComeBack() {
    RawHttp http = new RawHttp(service.port());
    String token = "Authorization: Bearer " + service.token(ParleyService.unique("user"), 3_600);
    RawHttp.Answer answer = http.upgrade("/raw/" + ParleyService.unique("new"), token);
    for (int i = 0; answer.status() == 101 && i < 40; i++) {
      answer = http.upgrade("/raw/" + ParleyService.unique("new"), token);
    }
    assertTooManyRooms(answer);
    answer = http.get(messages(), token);
    for (int i = 0; answer.status() == 200 && i < 40; i++) {
      answer = http.get(messages(), token);
    }
    assertTooManyRooms(answer);
  }

  private static String messages() {
    return "/api/v1/rooms/" + ParleyService.unique("new") + "/messages";
  }

  private static void assertTooManyRooms(RawHttp.Answer answer) {
    assertThat(answer.status()).isEqualTo(429);
    assertThat(answer.header("Retry-After")).isEqualTo("1");
    assertThat(answer.body()).contains("\"code\":\"too_many_rooms\"");
  }

  @Test
  void openRoomsAndPlacesInThemAreCountedAndGivenBack() {
    ParleyService other = ParleyService.shared("parley.lanes=3", "parley.limits.enabled=false");
    var rooms = other.bean(Budgets.class).of(BudgetKind.ROOMS);
    long before = rooms.held();
    try (TestClient ann = other.user(ParleyService.unique("user"))) {
      for (int i = 0; i < 50; i++) {
        ann.join(ParleyService.unique("counted"));
      }
      assertThat(rooms.held() - before).isGreaterThan(50 * 2_000);
    }
    // Open rooms are forgotten ten to twenty seconds after their last use.
    await().atMost(Duration.ofSeconds(60)).until(() -> rooms.held() <= before);
  }
}
