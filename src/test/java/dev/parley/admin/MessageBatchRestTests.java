package dev.parley.admin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.admin.Service.Answer;
import dev.parley.support.TestTokens;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/** Many messages in one request. */
@Tag("service")
@Timeout(60)
class MessageBatchRestTests {
  private static final String PATH = "/api/v1/messages";
  private static final String SERVER = Service.scoped("parley.publish");
  private static final int MOST_MESSAGES = 200;
  private static final int MOST_BYTES = 100 * 1_024;

  @AutoClose private static Service service;

  private String room = "";

  @BeforeAll
  static void start() {
    service =
        new Service(
            "parley.http.batch-messages=" + MOST_MESSAGES,
            "parley.http.batch-bytes=100KB",
            "parley.websocket.max-message-bytes=8KB");
  }

  @BeforeEach
  void anotherRoom() {
    room = "room-" + UUID.randomUUID();
  }

  @Test
  void everyMessageHasItsResultInOrderAndRoomsKeepTheirs() throws Exception {
    List<String> messages = new ArrayList<>();
    for (int i = 0; i < MOST_MESSAGES; i++) {
      messages.add(message(room + "-" + i % 4, Integer.toString(i), ""));
    }
    Answer answer = publish(SERVER, messages);
    assertThat(answer.status()).isEqualTo(200);
    JsonNode results = answer.body().path("results");
    assertThat(results.size()).isEqualTo(MOST_MESSAGES);
    for (int i = 0; i < MOST_MESSAGES; i++) {
      JsonNode result = results.get(i);
      assertThat(result.propertyNames()).containsExactly("room", "offset", "epoch", "timestamp");
      assertThat(result.path("room").asString()).isEqualTo(room + "-" + i % 4);
      assertThat(result.path("offset").asInt()).isEqualTo(1 + i / 4);
    }
    JsonNode kept = read(room + "-3");
    assertThat(kept.findValuesAsString("content"))
        .containsExactlyElementsOf(
            IntStream.range(0, 50).mapToObj(i -> Integer.toString(3 + 4 * i)).toList());
  }

  @Test
  void fieldsAreThoseOfASingleMessage() throws Exception {
    publish(
        SERVER,
        List.of(message(room, "{\"a\" : [1, 1.0]}", ",\"name\":\"n\",\"key\":\"k\",\"id\":\"i\"")));
    JsonNode message = read(room).path(0);
    assertThat(message.path("content").toString()).isEqualTo("{\"a\":[1,1.0]}");
    assertThat(message.path("name").asString()).isEqualTo("n");
    assertThat(message.path("key").asString()).isEqualTo("k");
    assertThat(message.path("id").asString()).isEqualTo("i");
    assertThat(message.path("user").asString()).isEqualTo("ops");
  }

  @Test
  void aMessageThatFailsKeepsNoOtherFromItsRoom() throws Exception {
    String own = room + "-own";
    String token =
        TestTokens.with("ann", claims -> claims.claim("rooms", Map.of(own, List.of("publish"))));
    publish(token, List.of(message(own, "0", ",\"id\":\"taken\"")));
    Answer answer =
        publish(
            token,
            List.of(
                message(own, "1", ""),
                message(room, "2", ""),
                message(own, "\"" + "x".repeat(8 * 1_024) + "\"", ""),
                message(own, "0", ",\"id\":\"taken\""),
                message(own, "4", ",\"id\":\"taken\""),
                message(own, "5", "")));
    assertThat(answer.status()).isEqualTo(200);
    JsonNode results = answer.body().path("results");
    assertThat(results.get(0).path("offset").asInt()).isEqualTo(2);
    assertFailed(results.get(1), room, "forbidden", "/messages/1");
    assertFailed(results.get(2), own, "too_large", "/messages/2");
    assertThat(results.get(3).path("duplicate").asBoolean()).isTrue();
    assertThat(results.get(3).path("offset").asInt()).isEqualTo(1);
    assertFailed(results.get(4), own, "id_conflict", "/messages/4");
    assertThat(results.get(5).path("offset").asInt()).isEqualTo(3);
    assertThat(read(own).findValuesAsString("content")).containsExactly("0", "1", "5");
  }

  @Test
  void aBodyThatBreaksTheRulesPublishesNothing() throws Exception {
    Answer answer = publish(SERVER, List.of(message(room, "1", ""), message("a b", "2", "")));
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.body().path("code").asString()).isEqualTo("invalid_room");
    assertThat(answer.body().path("path").asString()).isEqualTo("/messages/1/room");
    assertThat(read(room).isEmpty()).isTrue();
  }

  @Test
  void moreMessagesThanConfiguredAre400() throws Exception {
    List<String> messages =
        IntStream.rangeClosed(0, MOST_MESSAGES).mapToObj(_ -> message(room, "1", "")).toList();
    Answer answer = publish(SERVER, messages);
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.body().path("path").asString()).isEqualTo("/messages");
    assertThat(answer.body().path("detail").asString()).contains("1 to " + MOST_MESSAGES);
  }

  @Test
  void moreBytesThanConfiguredAre413() throws Exception {
    String message = message(room, "\"" + "x".repeat(7_000) + "\"", "");
    int fitting = MOST_BYTES / (message.length() + 1);
    assertThat(publish(SERVER, Collections.nCopies(fitting, message)).status()).isEqualTo(200);
    Answer refused = publish(SERVER, Collections.nCopies(fitting + 1, message));
    assertThat(refused.status()).isEqualTo(413);
    assertThat(refused.body().path("code").asString()).isEqualTo("too_large");
  }

  @Test
  void oneMessageToManyRoomsIsNoLargerThanAMessage() throws Exception {
    String body = "{\"rooms\":[\"%s\"],\"content\":\"%s\"}".formatted(room, "x".repeat(8 * 1_024));
    assertThat(service.call("POST", PATH, SERVER, body).status()).isEqualTo(413);
  }

  @Test
  void oneMessageToManyRoomsMayHaveNumbersAndNamesOfAnyLength() throws Exception {
    for (String content : List.of("1".repeat(1_500), "{\"" + "n".repeat(2_000) + "\":1}")) {
      String body = "{\"content\":%s,\"rooms\":[\"%s\"]}".formatted(content, room);
      assertThat(service.call("POST", PATH, SERVER, body).status()).isEqualTo(200);
    }
  }

  @Test
  void aServerOpensMoreRoomsAtOnceThanAUserMay() throws Exception {
    try (Service strict =
        new Service("parley.limits.new-room-burst=3", "parley.limits.new-rooms-per-second=1")) {
      String body = body(IntStream.range(0, 20).mapToObj(i -> message(room + i, "1", "")).toList());
      assertThat(strict.call("POST", PATH, SERVER, body).body().findValuesAsString("code"))
          .isEmpty();
      JsonNode users =
          strict
              .call("POST", PATH, Service.userToken("ann"), body.replace(room, room + "-u"))
              .body();
      assertThat(users.findValuesAsString("code")).contains("too_many_rooms");
      assertThat(users.findValuesAsString("retryAfterMs")).contains("1000");
    }
  }

  private static void assertFailed(JsonNode result, String room, String code, String path) {
    assertThat(result.path("room").asString()).isEqualTo(room);
    assertThat(result.path("code").asString()).isEqualTo(code);
    assertThat(result.path("path").asString()).isEqualTo(path);
    assertThat(result.path("error").asString()).isNotEmpty();
    assertThat(result.has("offset")).isFalse();
  }

  private static Answer publish(String token, List<String> messages) throws Exception {
    return service.call("POST", PATH, token, body(messages));
  }

  private static JsonNode read(String room) throws Exception {
    return service.get("/api/v1/rooms/" + room + "/messages").body().path("messages");
  }

  private static String body(List<String> messages) {
    return "{\"messages\":[" + String.join(",", messages) + "]}";
  }

  private static String message(String room, String content, String more) {
    return "{\"room\":\"%s\",\"content\":%s%s}".formatted(room, content, more);
  }
}
