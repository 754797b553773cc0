package dev.parley.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.support.ParleyService;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The modules of clients/js as the service serves them, with access closed as in production. */
@Tag("service")
@Timeout(60)
class ClientModulesTests {
  private static final Path SOURCES = Path.of("clients/js");

  private static ParleyService service;

  @AutoClose private final HttpClient client = HttpClient.newHttpClient();

  @BeforeAll
  static void start() {
    service = ParleyService.sharedSecured();
  }

  @Test
  void everyModuleIsServedAsItIsWithoutAToken() throws Exception {
    for (Path module : modules()) {
      HttpResponse<String> answer = get("/client/" + SOURCES.relativize(module));
      assertThat(answer.statusCode()).as(module.toString()).isEqualTo(200);
      assertThat(answer.body()).isEqualTo(Files.readString(module));
      assertThat(answer.headers().firstValue("Content-Type"))
          .hasValueSatisfying(type -> assertThat(type).startsWith("text/javascript"));
    }
  }

  @Test
  void aPageOfAnySiteMayImportThem() throws Exception {
    HttpResponse<String> answer = get("/client/parley.js", "Origin", "https://anywhere.example");

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("Access-Control-Allow-Origin")).hasValue("*");
  }

  @Test
  void anUnchangedModuleIsNotSentAgain() throws Exception {
    HttpResponse<String> first = get("/client/parley.js");
    String tag = first.headers().firstValue("ETag").orElseThrow();

    HttpResponse<String> again = get("/client/parley.js", "If-None-Match", tag);

    assertThat(first.headers().firstValue("Cache-Control").orElseThrow()).contains("no-cache");
    assertThat(again.statusCode()).isEqualTo(304);
    assertThat(again.body()).isEmpty();
    assertThat(get("/client/lib/client.js").headers().firstValue("ETag").orElseThrow())
        .isNotEqualTo(tag);
  }

  @Test
  void nothingElseIsServed() throws Exception {
    for (String path :
        List.of(
            "/client",
            "/client/",
            "/client/package.json",
            "/client/README.md",
            "/client/test/fakes.js",
            "/client/..%2fapplication.yml",
            "/client/%2e%2e/application.yml")) {
      assertThat(get(path).statusCode()).as(path).isIn(400, 404);
    }
  }

  private static List<Path> modules() throws IOException {
    try (Stream<Path> lib = Files.list(SOURCES.resolve("lib"))) {
      return Stream.concat(Stream.of(SOURCES.resolve("parley.js")), lib).toList();
    }
  }

  private HttpResponse<String> get(String path, String... headers) throws Exception {
    HttpRequest.Builder request = HttpRequest.newBuilder(service.http(path));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client.send(request.build(), BodyHandlers.ofString());
  }
}
