package dev.parley.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.parley.admin.Service.Answer;
import dev.parley.support.SharedRedis;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import tools.jackson.databind.JsonNode;

/** Every request is made of one instance, and watched on connections to the other. */
@Tag("redis")
@Tag("service")
@Timeout(90)
@ExtendWith(OutputCaptureExtension.class)
class ClusterRestTests {
  private static Service asked;
  private static Service other;

  private String room = "";
  private String user = "";

  @BeforeAll
  static void start() {
    asked = Service.onRedis(SharedRedis.host(), SharedRedis.port());
    other = Service.onRedis(SharedRedis.host(), SharedRedis.port());
    soon()
        .untilAsserted(() -> {
          assertThat(texts(asked.get("/api/v1/instances").body().path("instances"), "instance"))
              .contains(asked.name(), other.name());
          assertThat(asked.get("/api/v1/rooms/x/members").status()).isEqualTo(200);
          assertThat(other.get("/api/v1/rooms/x/members").status()).isEqualTo(200);
        });
  }

  @AfterAll
  static void stop() {
    asked.close();
    other.close();
  }

  @BeforeEach
  void names() {
    room = "room-" + UUID.randomUUID();
    user = "user-" + UUID.randomUUID();
  }

  private static ConditionFactory soon() {
    return await().atMost(Duration.ofSeconds(30));
  }

  @Test
  void roomsAreListedWithCountsOfAllInstances() throws Exception {
    var _ = other.user(user).join(room);
    var _ = other.user(user).join(room);
    var _ = asked.user("another-" + user).join(room);
    soon()
        .untilAsserted(() -> {
          JsonNode shown = asked.get("/api/v1/rooms/" + room).body();
          assertThat(shown.path("connections").asInt()).isEqualTo(3);
          assertThat(shown.path("members").asInt()).isEqualTo(2);
          assertThat(texts(shown.path("instances"), "instance"))
              .containsExactlyInAnyOrder(asked.name(), other.name());
        });
    List<String> found = new ArrayList<>();
    String cursor = "";
    do {
      JsonNode page = asked.get("/api/v1/rooms?limit=1" + cursor).body();
      found.addAll(texts(page.path("rooms"), "room"));
      cursor = page.has("next") ? "&cursor=" + page.path("next").asString() : "";
    } while (!cursor.isEmpty());
    assertThat(found).contains(room).isSorted().doesNotHaveDuplicates();
  }

  @Test
  void membersArePagedAcrossInstances() throws Exception {
    List<String> users = List.of(user + "-a", user + "-b", user + "-c");
    var _ = other.user(users.get(2)).join(room);
    var _ = asked.user(users.get(0)).join(room);
    var _ = other.user(users.get(1)).join(room);
    String path = "/api/v1/rooms/" + room + "/members?limit=2";
    soon()
        .untilAsserted(() -> {
          JsonNode first = asked.get(path).body();
          assertThat(texts(first.path("members"), "user"))
              .containsExactlyElementsOf(users.subList(0, 2));
          JsonNode second =
              asked.get(path + "&cursor=" + first.path("next").asString("none")).body();
          assertThat(texts(second.path("members"), "user")).containsExactly(users.get(2));
          assertThat(second.has("next")).isFalse();
        });
  }

  @Test
  void deletedMessagesAreToldToConnectionsOfTheOther(CapturedOutput log) throws Exception {
    Watcher watcher = other.user(user).join(room);
    String path = "/api/v1/rooms/" + room + "/messages";
    assertThat(asked.call("POST", path, Service.ADMIN, "{\"content\":\"rude words\"}").status())
        .isEqualTo(200);
    watcher.hears("rude words");
    Answer deleted = asked.call("DELETE", path + "/1", Service.ADMIN, "");
    assertThat(deleted.status()).isEqualTo(200);
    watcher.hears("\"type\":\"deleted\"", "\"room\":\"" + room + "\"", "\"offset\":1");
    assertThat(other.get(path).body().toString()).doesNotContain("rude words");
    assertThat(asked.call("DELETE", path + "/1", Service.ADMIN, "").status()).isEqualTo(404);
    soon()
        .untilAsserted(() ->
            assertThat(audit(log))
                .contains(
                    "action=deleteMessage by=ops address=127.0.0.1 offset=1 room=%s status=200"
                        .formatted(room))
                .contains("room=%s status=404".formatted(room))
                .doesNotContain("rude words", Service.ADMIN));
  }

  @Test
  void aClosedRoomIsEmptyEverywhere() throws Exception {
    Watcher there = other.user(user).join(room);
    Watcher here = asked.user(user).join(room);
    Answer closed = asked.call("DELETE", "/api/v1/rooms/" + room, Service.ADMIN, "");
    assertThat(closed.status()).isEqualTo(200);
    assertBefell(closed, 1, 1);
    there.hears("\"type\":\"left\"", "\"reason\":\"closed\"");
    here.hears("\"type\":\"left\"", "\"reason\":\"closed\"");
  }

  @Test
  void usersArePutIntoRoomsAndTakenOut(CapturedOutput log) throws Exception {
    Watcher watcher = other.user(user);
    watcher.hears("\"type\":\"welcome\"");
    String path = "/api/v1/rooms/" + room + "/members/" + user;
    assertBefell(asked.call("PUT", path, Service.ADMIN, ""), 0, 1);
    String joined = watcher.hears("\"type\":\"joined\"", "\"room\":\"" + room + "\"");
    assertThat(joined).doesNotContain("\"ref\"");
    assertBefell(asked.call("DELETE", path, Service.ADMIN, ""), 0, 1);
    watcher.hears("\"type\":\"left\"", "\"room\":\"" + room + "\"", "\"reason\":\"removed\"");
    soon()
        .untilAsserted(() ->
            assertThat(audit(log))
                .contains(
                    "action=takeUser by=ops address=127.0.0.1 room=%s user=%s status=200 connections=1 silent=-"
                        .formatted(room, user)));
  }

  @Test
  void usersAreFoundPublishedToAndDisconnectedWhereverTheyAre() throws Exception {
    Watcher watcher = other.user(user).join("@" + user);
    JsonNode found = asked.get("/api/v1/users/" + user).body();
    assertThat(texts(found.path("connections"), "instance")).containsExactly(other.name());
    assertThat(found.path("connections").get(0).path("rooms").toString())
        .isEqualTo("[\"@" + user + "\"]");
    assertThat(found.toString()).doesNotContain("127.0.0.1");
    Answer published =
        asked.call(
            "POST",
            "/api/v1/users/" + user + "/messages",
            Service.scoped("parley.publish"),
            "{\"content\":\"psst\"}");
    assertThat(published.body().path("offset").asLong()).isEqualTo(1);
    watcher.hears("psst", "\"user\":\"ops\"");
    Answer gone =
        asked.call(
            "DELETE",
            "/api/v1/users/" + user + "/connections",
            Service.scoped("parley.moderate"),
            "");
    assertBefell(gone, 0, 1);
    assertThat(watcher.closeCode()).isEqualTo(4500);
  }

  @Test
  void connectionsAreListedShownAndDisconnected() throws Exception {
    Watcher first = other.user(user).join(room);
    Watcher second = other.user(user, "/raw/" + room);
    Watcher here = asked.user(user);
    here.hears("\"type\":\"welcome\"");
    String list = "/api/v1/connections?user=" + user;
    soon()
        .untilAsserted(() ->
            assertThat(asked.get(list + "&room=" + room).body().path("connections")).hasSize(2));
    assertThat(asked.get(list).body().path("connections")).hasSize(3);
    assertThat(asked.get(list + "&instance=" + asked.name()).body().path("connections")).hasSize(1);
    List<String> paged = new ArrayList<>();
    String cursor = "";
    do {
      JsonNode page = asked.get(list + "&limit=1" + cursor).body();
      paged.addAll(texts(page.path("connections"), "connection"));
      cursor = page.has("next") ? "&cursor=" + page.path("next").asString() : "";
    } while (!cursor.isEmpty());
    assertThat(paged).hasSize(3).doesNotHaveDuplicates();

    JsonNode websocket = asked.get(list + "&room=" + room).body().path("connections").get(0);
    JsonNode shown =
        asked.get("/api/v1/connections/" + websocket.path("connection").asString()).body();
    assertThat(shown.path("transport").asString()).isEqualTo("websocket");
    assertThat(shown.path("address").asString()).isEqualTo("127.0.0.1");
    assertThat(shown.path("agent").asString()).isEqualTo(Watcher.AGENT);
    assertThat(shown.path("rooms").toString()).isEqualTo("[\"" + room + "\"]");
    assertThat(shown.path("since").asLong()).isPositive();
    Answer closed =
        asked.call(
            "DELETE",
            "/api/v1/connections/" + websocket.path("connection").asString(),
            Service.scoped("parley.moderate"),
            "");
    assertThat(closed.status()).isEqualTo(200);
    assertThat(first.closeCode()).isEqualTo(4500);
    assertThat(second.isOpen() && here.isOpen()).isTrue();
  }

  @Test
  void aMessageGoesToManyRoomsAtOnce() throws Exception {
    Watcher watcher = other.user(user).join(room + "-1").join(room + "-2");
    String body = "{\"rooms\":[\"%s-1\",\"%s-2\"],\"content\":\"to all\"}".formatted(room, room);
    Answer answer = asked.call("POST", "/api/v1/messages", Service.ADMIN, body);
    assertThat(answer.status()).isEqualTo(200);
    assertThat(texts(answer.body().path("results"), "room"))
        .containsExactly(room + "-1", room + "-2");
    assertThat(answer.body().path("results").get(1).path("offset").asLong()).isEqualTo(1);
    watcher.hears("to all", room + "-1");
    watcher.hears("to all", room + "-2");
  }

  @Test
  void publishingLeavesNoLineOfAudit(CapturedOutput log) throws Exception {
    String body = "{\"content\":1,\"rooms\":[\"%s\"]}".formatted(room);
    for (String path : List.of("rooms/" + room, "users/" + user, "messages")) {
      String messages = path.equals("messages") ? "" : "/messages";
      assertThat(asked.call("POST", "/api/v1/" + path + messages, Service.ADMIN, body).status())
          .isEqualTo(200);
    }
    // Lines are written in order, so those above would be here before this one.
    assertThat(asked.call("DELETE", "/api/v1/rooms/" + room, Service.ADMIN, "").status())
        .isEqualTo(200);
    soon().untilAsserted(() -> assertThat(audit(log)).contains("action=closeRoom", "room=" + room));
    assertThat(audit(log)).doesNotContain("action=publish");
  }

  @Test
  void instancesSayHowTheyAre() throws Exception {
    var _ = other.user(user).join(room);
    JsonNode shown = asked.get("/api/v1/instances/" + other.name()).body();
    assertThat(shown.path("state").asString()).isEqualTo("up");
    assertThat(shown.path("connections").asInt()).isPositive();
    assertThat(shown.path("transports").path("websocket").asInt()).isPositive();
    assertThat(shown.path("version").asString()).isNotEmpty();
    assertThat(shown.path("lanes").get(0).path("lagMicros").asLong()).isNotNegative();
    JsonNode sum = asked.get("/api/v1/statistics").body();
    assertThat(sum.path("instances").asInt()).isGreaterThanOrEqualTo(2);
    assertThat(sum.path("connections").asInt())
        .isGreaterThanOrEqualTo(shown.path("connections").asInt());
  }

  @Test
  void anInstanceIsDrainedByAnother() throws Exception {
    try (Service leaving = Service.onRedis(SharedRedis.host(), SharedRedis.port())) {
      soon()
          .until(() ->
              texts(asked.get("/api/v1/instances").body().path("instances"), "instance")
                  .contains(leaving.name()));
      Watcher watcher = leaving.user(user).join(room);
      Answer drained =
          asked.call("POST", "/api/v1/instances/" + leaving.name() + "/drain", Service.ADMIN, "");
      assertThat(drained.status()).isEqualTo(200);
      assertThat(drained.body().path("instances").get(0).path("connections").asInt()).isEqualTo(1);
      watcher.hears("\"type\":\"reconnect\"");
      assertThat(watcher.closeCode()).isEqualTo(1012);
      soon()
          .until(() ->
              asked
                  .get("/api/v1/instances/" + leaving.name())
                  .body()
                  .path("state")
                  .asString()
                  .equals("drained"));
    }
    // It took leave, so nobody waits for it.
    JsonNode rest = asked.get("/api/v1/instances").body();
    assertThat(texts(rest.path("instances"), "instance")).contains(other.name());
    assertThat(rest.path("silent")).isEmpty();
  }

  private static void assertBefell(Answer answer, int here, int there) {
    assertThat(answer.status()).as("%s", answer.body()).isEqualTo(200);
    assertThat(answer.body().path("silent")).isEmpty();
    for (JsonNode each : answer.body().path("instances")) {
      String instance = each.path("instance").asString();
      if (instance.equals(asked.name())) {
        assertThat(each.path("connections").asInt()).isEqualTo(here);
      } else if (instance.equals(other.name())) {
        assertThat(each.path("connections").asInt()).isEqualTo(there);
      }
    }
    assertThat(texts(answer.body().path("instances"), "instance"))
        .contains(asked.name(), other.name());
  }

  private static String audit(CapturedOutput log) {
    return String.join(
        "\n", log.getAll().lines().filter(line -> line.contains("action=")).toList());
  }

  private static List<String> texts(JsonNode list, String field) {
    List<String> texts = new ArrayList<>();
    list.forEach(each -> texts.add(each.path(field).asString("")));
    return texts;
  }
}
