package dev.parley.admin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.admin.Service.Answer;
import dev.parley.support.SharedRedis;
import dev.parley.support.TestTokens;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** Read marks on two instances with one Redis, and over REST. */
@Tag("redis")
@Tag("service")
@Timeout(90)
class ReadReceiptsTests {
  private static Service one;
  private static Service two;

  private final String room = "room-" + UUID.randomUUID();
  private final String ann = "ann-" + UUID.randomUUID();
  private final String ben = "ben-" + UUID.randomUUID();

  @BeforeAll
  static void start() {
    one = Service.onRedis(SharedRedis.host(), SharedRedis.port());
    two = Service.onRedis(SharedRedis.host(), SharedRedis.port());
  }

  @AfterAll
  static void stop() {
    one.close();
    two.close();
  }

  private void publish(int messages) throws Exception {
    for (int i = 0; i < messages; i++) {
      String body = "{\"content\":" + i + "}";
      assertThat(one.call("POST", path("messages"), Service.ADMIN, body).status()).isEqualTo(200);
    }
  }

  private String path(String what) {
    return "/api/v1/rooms/" + room + "/" + what;
  }

  private void read(Watcher user, long offset) {
    user.say("{\"type\":\"read\",\"room\":\"%s\",\"offset\":%d}".formatted(room, offset));
  }

  private static String marked(String user, long offset) {
    return "\"" + user + "\":" + offset;
  }

  private JsonNode unread(Service service, String user, String query) throws Exception {
    Answer answer = service.call("GET", "/api/v1/unread?" + query, Service.userToken(user), "");
    assertThat(answer.status()).as("%s", answer.body()).isEqualTo(200);
    return answer.body().path("rooms");
  }

  @Test
  void markMovedOnOneInstanceIsSeenOnTheOtherAndByTheUsersOtherTab() throws Exception {
    publish(5);
    Watcher annOnOne = one.user(ann).join(room);
    Watcher benOnOne = one.user(ben).join(room);
    Watcher benOnTwo = two.user(ben).join(room);
    benOnTwo.hears("\"unread\":5");
    read(benOnOne, 4);
    for (Watcher watcher : List.of(annOnOne, benOnOne, benOnTwo)) {
      watcher.hears("\"type\":\"read\"", marked(ben, 4));
    }
    read(benOnTwo, 2);
    read(benOnTwo, 99);
    annOnOne.hears("\"type\":\"read\"", marked(ben, 5));
    assertThat(annOnOne.heard("\"type\":\"read\"", marked(ben, 2))).isFalse();
    two.user(ben).join(room).hears("\"type\":\"joined\"", marked(ben, 5), "\"unread\":0");
    JsonNode count = unread(two, ben, "room=" + room).get(0);
    assertThat(count.path("offset").asLong()).isEqualTo(5);
    assertThat(count.path("read").asLong()).isEqualTo(5);
    assertThat(count.path("unread").asLong(-1)).isZero();
  }

  @Test
  void marksOutliveAnInstance() throws Exception {
    publish(3);
    try (Service third = Service.onRedis(SharedRedis.host(), SharedRedis.port())) {
      Watcher tab = third.user(ann).join(room);
      for (int offset = 1; offset <= 3; offset++) {
        read(tab, offset);
      }
      tab.say("{\"type\":\"ping\",\"ref\":\"p\"}");
      tab.hears("\"pong\"");
    }
    Awaitility.await()
        .untilAsserted(() ->
            assertThat(unread(one, ann, "room=" + room).get(0).path("read").asLong()).isEqualTo(3));
  }

  @Test
  void marksArePagedOverRest() throws Exception {
    publish(3);
    List<String> users = List.of(ann, ben, "cat-" + ann);
    for (int i = 0; i < users.size(); i++) {
      Watcher user = one.user(users.get(i)).join(room);
      read(user, i + 1);
      user.hears("\"type\":\"read\"", marked(users.get(i), i + 1));
    }
    List<String> found = new ArrayList<>();
    String cursor = "";
    do {
      JsonNode page = two.get(path("reads") + "?limit=2" + cursor).body();
      assertThat(page.path("room").asString()).isEqualTo(room);
      assertThat(page.path("epoch").asString()).hasSize(22);
      found.addAll(page.path("reads").propertyNames());
      cursor = page.has("next") ? "&cursor=" + page.path("next").asString() : "";
    } while (!cursor.isEmpty());
    assertThat(found).isEqualTo(users.reversed());
  }

  @Test
  void permissionIsCheckedForEachRoom() throws Exception {
    publish(2);
    String token =
        TestTokens.with(
            ann,
            claims ->
                claims.claim("rooms", Map.of(room, List.of("join"), "w-*", List.of("publish"))));
    Answer answer = one.call("GET", "/api/v1/unread?room=w-1&room=" + room + "&room=no", token, "");
    assertThat(answer.status()).isEqualTo(200);
    JsonNode rooms = answer.body().path("rooms");
    assertThat(rooms.get(0).path("code").asString()).isEqualTo("forbidden");
    assertThat(rooms.get(1).path("unread").asLong()).isEqualTo(2);
    assertThat(rooms.get(2).path("code").asString()).isEqualTo("forbidden");
    assertThat(one.call("GET", path("reads"), token, "").status()).isEqualTo(200);
    Answer refused = one.call("GET", "/api/v1/rooms/w-1/reads", token, "");
    assertThat(refused.status()).isEqualTo(403);
    assertThat(refused.body().path("code").asString()).isEqualTo("forbidden");
    assertThat(one.call("GET", path("reads"), "", "").status()).isEqualTo(401);
    assertThat(one.call("GET", "/api/v1/unread?room=" + room, "", "").status()).isEqualTo(401);
  }

  @Test
  void serviceAccountReadsMarksEverywhereAndMayHaveOne() throws Exception {
    publish(2);
    String token = Service.scoped("parley.read");
    assertThat(one.call("GET", path("reads"), token, "").status()).isEqualTo(200);
    JsonNode count =
        one.call("GET", "/api/v1/unread?room=" + room, token, "").body().path("rooms").get(0);
    assertThat(count.path("read").asLong(-1)).isZero();
    assertThat(count.path("unread").asLong()).isEqualTo(2);
  }

  @ParameterizedTest
  @CsvSource({
    "/api/v1/unread, room, invalid_message",
    "/api/v1/unread?room=, room, invalid_room",
    "/api/v1/unread?room=a%20b, room, invalid_room",
    "'/api/v1/unread?room=a,b', room, invalid_room",
    "/api/v1/unread?room=a&room=a, room, invalid_message",
    "/api/v1/unread?room=a&limit=1, limit, invalid_message",
    "/api/v1/rooms/a%20b/reads, room, invalid_room",
    "/api/v1/rooms/a/reads?limit=0, limit, invalid_message",
    "/api/v1/rooms/a/reads?limit=1001, limit, invalid_message",
    "/api/v1/rooms/a/reads?cursor=, cursor, invalid_message",
    "/api/v1/rooms/a/reads?cursor=x, cursor, invalid_message",
    "/api/v1/rooms/a/reads?after=1, after, invalid_message"
  })
  void aBadParameterIsNamed(String path, String name, String code) throws Exception {
    Answer answer = one.get(path);
    assertThat(answer.status()).as("%s", answer.body()).isEqualTo(400);
    assertThat(answer.body().path("parameter").asString("")).isEqualTo(name);
    assertThat(answer.body().path("code").asString("")).isEqualTo(code);
  }

  @Test
  void aHundredRoomsAreCountedAndNotOneMore() throws Exception {
    String hundred =
        IntStream.range(0, 100).mapToObj(i -> "room=r" + i).collect(Collectors.joining("&"));
    assertThat(unread(one, ann, hundred)).hasSize(100);
    Answer refused = one.get("/api/v1/unread?room=x&" + hundred);
    assertThat(refused.status()).isEqualTo(400);
    assertThat(refused.body().path("parameter").asString()).isEqualTo("room");
  }
}
