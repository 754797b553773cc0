package dev.parley.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.parley.admin.Service.Answer;
import dev.parley.security.RestAccess;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.http.HttpMethod;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;
import tools.jackson.databind.JsonNode;

/** Who may make which request, what is refused, and that the document says so. */
@Tag("service")
@Timeout(60)
@ExtendWith(OutputCaptureExtension.class)
class RequestRulesTests {
  private static Service service;

  @BeforeAll
  static void start() {
    service = new Service();
  }

  @AfterAll
  static void stop() {
    service.close();
  }

  /** A request of each kind, and a scope that does not allow it. */
  static Stream<String> requests() {
    return Stream.of(
        "GET /api/v1/rooms | parley.publish parley.moderate",
        "GET /api/v1/rooms/lobby | parley.publish parley.moderate",
        "DELETE /api/v1/rooms/lobby | parley.publish parley.read",
        "GET /api/v1/rooms/lobby/members | parley.publish parley.moderate",
        "PUT /api/v1/rooms/lobby/members/ann | parley.publish parley.read",
        "DELETE /api/v1/rooms/lobby/members/ann | parley.publish parley.read",
        "DELETE /api/v1/rooms/lobby/messages/1 | parley.publish parley.read",
        "GET /api/v1/users/ann | parley.publish parley.moderate",
        "POST /api/v1/users/ann/messages | parley.moderate parley.read",
        "DELETE /api/v1/users/ann/connections | parley.publish parley.read",
        "GET /api/v1/connections | parley.read parley.publish parley.moderate",
        "GET /api/v1/connections/a-00000000:1 | parley.read parley.publish parley.moderate",
        "DELETE /api/v1/connections/a-00000000:1 | parley.publish parley.read",
        "GET /api/v1/instances | parley.publish parley.moderate",
        "GET /api/v1/instances/a-00000000 | parley.publish parley.moderate",
        "POST /api/v1/instances/a-00000000/drain | parley.read parley.publish parley.moderate",
        "GET /api/v1/statistics | parley.publish parley.moderate");
  }

  @ParameterizedTest
  @MethodSource("requests")
  void whoMayNotIsRefused(String line) throws Exception {
    String[] words = line.split(" \\| ", -1);
    String[] request = words[0].split(" ", -1);
    assertProblem(service.call(request[0], request[1], "", ""), 401);
    assertProblem(service.call(request[0], request[1], Service.userToken("ann"), ""), 403);
    assertProblem(service.call(request[0], request[1], Service.scoped(words[1]), ""), 403);
    assertThat(service.call(request[0], request[1], Service.ADMIN, "").status()).isNotIn(401, 403);
  }

  @ParameterizedTest
  @CsvSource({
    "GET, /api/v1/rooms?limit=0, limit",
    "GET, /api/v1/rooms?limit=1001, limit",
    "GET, /api/v1/rooms?cursor=%21, cursor",
    "GET, /api/v1/rooms?cursor=, cursor",
    "GET, /api/v1/rooms?lmit=1, lmit",
    "GET, /api/v1/rooms/a%20b, room",
    "GET, /api/v1/rooms/a?x=1, x",
    "GET, /api/v1/rooms/a%20b/members, room",
    "GET, /api/v1/rooms/a/members?limit=x, limit",
    "DELETE, /api/v1/rooms/a%20b, room",
    "PUT, /api/v1/rooms/a%20b/members/ann, room",
    "PUT, /api/v1/rooms/a/members/a%20b, user",
    "PUT, /api/v1/rooms/@bob/members/ann, room",
    "DELETE, /api/v1/rooms/a/members/a%20b, user",
    "DELETE, /api/v1/rooms/a/messages/0, offset",
    "DELETE, /api/v1/rooms/a/messages/9007199254740992, offset",
    "DELETE, /api/v1/rooms/a/messages/1e3, offset",
    "GET, /api/v1/users/a%20b, user",
    "DELETE, /api/v1/users/a%20b/connections, user",
    "GET, /api/v1/connections?user=a%20b, user",
    "GET, /api/v1/connections?room=, room",
    "GET, /api/v1/connections?instance=x, instance",
    "GET, /api/v1/connections?cursor=YQ, cursor",
    "GET, /api/v1/connections/x, connection",
    "DELETE, /api/v1/connections/a-00000000:0, connection",
    "GET, /api/v1/instances?limit=1, limit",
    "GET, /api/v1/instances/x, instance",
    "POST, /api/v1/instances/x/drain, instance",
    "GET, /api/v1/statistics?x=, x"
  })
  void aBadParameterIsNamed(String method, String path, String name) throws Exception {
    Answer answer = service.call(method, path, Service.ADMIN, "");
    assertProblem(answer, 400);
    assertThat(answer.body().path("parameter").asString("")).isEqualTo(name);
    assertThat(answer.body().path("code").asString("")).startsWith("invalid_");
  }

  @ParameterizedTest
  @MethodSource("requests")
  void aParameterThatARequestDoesNotHaveIsNamed(String line) throws Exception {
    String[] request = line.split(" ", -1);
    String body = request[0].equals("POST") ? "{\"content\":1}" : "";
    Answer answer = service.call(request[0], request[1] + "?lmit=1", Service.ADMIN, body);
    assertProblem(answer, 400);
    assertThat(answer.body().path("parameter").asString("")).isEqualTo("lmit");
    assertThat(answer.body().path("code").asString("")).isEqualTo("invalid_message");
  }

  @ParameterizedTest
  @ValueSource(strings = {"limit=1&limit=1", "cursor=&cursor=", "room=a&room=a", "user=a&user=b"})
  void aParameterThatComesTwiceIsNamed(String query) throws Exception {
    Answer answer = service.get("/api/v1/connections?" + query);
    assertProblem(answer, 400);
    assertThat(answer.body().path("detail").asString("")).endsWith(" is expected once");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "%201", "+1", "-1", "0x10", "1e2", "1.0", "99999999999999999999"})
  void whatIsNoWholeNumberIsNoLimit(String limit) throws Exception {
    for (String path : List.of("/api/v1/rooms", "/api/v1/rooms/a/messages")) {
      Answer answer = service.get(path + "?limit=" + limit);
      assertProblem(answer, 400);
      assertThat(answer.body().path("parameter").asString("")).isEqualTo("limit");
    }
  }

  @Test
  void aChangeThatIsRefusedForItsQueryIsInTheAuditLog(CapturedOutput log) throws Exception {
    assertProblem(service.call("DELETE", "/api/v1/rooms/audited?x=1", Service.ADMIN, ""), 400);
    await()
        .untilAsserted(() ->
            assertThat(log.getAll())
                .containsPattern("action=closeRoom .*room=audited .*status=400"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/api/v1/messages | {\"content\":1} | /rooms",
        "/api/v1/messages | {\"content\":1,\"rooms\":[]} | /rooms",
        "/api/v1/messages | {\"content\":1,\"rooms\":\"a\"} | /rooms",
        "/api/v1/messages | {\"content\":1,\"rooms\":[\"a\",\"a b\"]} | /rooms/1",
        "/api/v1/messages | {\"content\":1,\"rooms\":[\"a\",7]} | /rooms/1",
        "/api/v1/messages | {\"content\":1,\"rooms\":[\"a\",\"a\"]} | /rooms/1",
        "/api/v1/messages | {\"rooms\":[\"a\"]} | /content",
        "/api/v1/messages | {\"messages\":[]} | /messages",
        "/api/v1/messages | {\"messages\":{}} | /messages",
        "/api/v1/messages | {\"messages\":null} | /messages",
        "/api/v1/messages | {\"messages\":[{\"room\":\"a\",\"content\":1},7]} | /messages/1",
        "/api/v1/messages | {\"messages\":[{\"content\":1}]} | /messages/0/room",
        "/api/v1/messages | {\"messages\":[{\"room\":7,\"content\":1}]} | /messages/0/room",
        "/api/v1/messages | {\"messages\":[{\"room\":\"a\"}]} | /messages/0/content",
        "/api/v1/messages | {\"messages\":[{\"room\":\"a\",\"content\":1,\"id\":\"\"}]} | /messages/0/id",
        "/api/v1/users/ann/messages | {} | /content",
        "/api/v1/users/ann/messages | {\"content\":1,\"key\":7} | /key"
      })
  void aBadFieldIsNamed(String path, String body, String pointer) throws Exception {
    Answer answer = service.call("POST", path, Service.ADMIN, body);
    assertProblem(answer, 400);
    assertThat(answer.body().path("path").asString("")).isEqualTo(pointer);
    assertThat(answer.body().path("code").asString("")).isEqualTo("invalid_message");
  }

  @ParameterizedTest
  @ValueSource(strings = {"GET", "PUT", "DELETE", "TRACE"})
  void whatNoFilterLetsThroughIsAProblemToo(String method) throws Exception {
    assertProblem(service.call(method, "/api/v1/rooms/%1F/members/a", Service.ADMIN, ""), 400);
  }

  @Test
  void whatIsNotThereIs404() throws Exception {
    String here = service.name();
    for (String path :
        List.of(
            "GET /api/v1/rooms/nobody-has-it",
            "GET /api/v1/connections/" + here + ":123456789",
            "DELETE /api/v1/connections/" + here + ":123456789",
            "GET /api/v1/instances/a-00000000",
            "DELETE /api/v1/rooms/nobody-has-it/messages/1")) {
      String[] words = path.split(" ", -1);
      assertProblem(service.call(words[0], words[1], Service.ADMIN, ""), 404);
    }
  }

  @Test
  void theDocumentHasEveryRequestWithItsFailuresAndItsScope() throws Exception {
    JsonNode document = service.call("GET", "/v3/api-docs", Service.userToken("ann"), "").body();
    Set<String> mapped = new TreeSet<>();
    service
        .bean(RequestMappingHandlerMapping.class)
        .getHandlerMethods()
        .keySet()
        .forEach(info -> {
          for (String path : info.getPatternValues()) {
            for (RequestMethod method : info.getMethodsCondition().getMethods()) {
              if (path.startsWith("/api/v1/")) {
                mapped.add(method + " " + path);
              }
            }
          }
        });
    Set<String> documented = new TreeSet<>();
    List<String> faults = new ArrayList<>();
    for (Map.Entry<String, JsonNode> path : document.path("paths").properties()) {
      for (Map.Entry<String, JsonNode> each : path.getValue().properties()) {
        String name = each.getKey().toUpperCase(Locale.ROOT) + " " + path.getKey();
        documented.add(name);
        check(name, each.getValue(), faults);
      }
    }
    assertThat(documented).containsExactlyElementsOf(mapped);
    assertThat(mapped).hasSize(22);
    assertThat(faults).isEmpty();
  }

  private static void check(String name, JsonNode operation, List<String> faults) {
    JsonNode responses = operation.path("responses");
    for (String status : List.of("200", "400", "401", "403", "406", "429", "503")) {
      String type = status.equals("200") ? "application/json" : "application/problem+json";
      String ref =
          responses
              .path(status)
              .path("content")
              .path(type)
              .path("schema")
              .path("$ref")
              .asString("");
      if (!ref.startsWith("#/components/schemas/")) {
        faults.add(name + " " + status);
      }
    }
    String[] words = name.split(" ", -1);
    RestAccess.Rule rule = RestAccess.rule(HttpMethod.valueOf(words[0]), words[1]);
    JsonNode scopes = operation.path("security").path(0).path("token");
    if (rule == null || scopes.isEmpty() != rule.users()) {
      faults.add(name + " scope");
    }
    for (JsonNode parameter : operation.path("parameters")) {
      JsonNode schema = parameter.path("schema");
      if (parameter.path("description").asString("").isEmpty()
          || (schema.path("pattern").isMissingNode()
              && schema.path("maximum").isMissingNode()
              && schema.path("items").path("pattern").isMissingNode())) {
        faults.add(name + " " + parameter.path("name"));
      }
    }
    if (operation.path("summary").asString("").isEmpty()) {
      faults.add(name + " summary");
    }
  }

  @Test
  void theDocumentIsForThoseWithATokenAndItsPageForNobody() throws Exception {
    for (String path :
        List.of("/v3/api-docs", "/v3/api-docs.yaml", "/v3/api-docs/swagger-config")) {
      assertProblem(service.call("GET", path, "", ""), 401);
    }
    assertThat(service.get("/v3/api-docs").body().path("openapi").asString("")).startsWith("3.1");
    assertProblem(service.get("/swagger-ui/index.html"), 404);
  }

  @Test
  void profileDevShowsTheDocumentToEverybody() throws Exception {
    try (Service dev = new Service("spring.profiles.active=dev")) {
      assertThat(dev.call("GET", "/v3/api-docs", "", "").status()).isEqualTo(200);
      Answer page = dev.call("GET", "/swagger-ui/index.html", "", "");
      assertThat(page.status()).isEqualTo(200);
      assertThat(page.type()).startsWith("text/html");
      // A guest there is nobody who could steer.
      assertProblem(dev.call("GET", "/api/v1/rooms", "", ""), 401);
    }
  }

  private static void assertProblem(Answer answer, int status) {
    assertThat(answer.status()).as("%s", answer.body()).isEqualTo(status);
    assertThat(answer.type()).startsWith("application/problem+json");
    assertThat(answer.body().path("status").asInt()).isEqualTo(status);
  }
}
