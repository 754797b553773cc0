package dev.parley.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.parley.broker.PresenceProperties;
import dev.parley.budget.BudgetKind;
import dev.parley.budget.Budgets;
import dev.parley.connection.Drain;
import dev.parley.connection.DrainProperties;
import dev.parley.support.ParleyService;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.convert.DurationStyle;

/** Requests that are in progress when the instance stops. */
@Tag("service")
@Timeout(60)
class RestDrainTests {
  /** Its client and its event loops have a second each. */
  private static final int REDIS_SECONDS = 2;

  @Test
  void requestsInProgressAndThoseBehindThemAreAnsweredInOrder() {
    ParleyService service = ParleyService.start("parley.presence.grace=0s");
    int port = service.port();
    Budgets budgets = service.bean(Budgets.class);
    String first = "{\"content\":\"first\"}";
    try (Attacker client = new Attacker(port, "127.0.0.1", 1, post(first) + first.charAt(0));
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Attacker.Victim socket = client.sockets().findFirst().orElseThrow();
      await().until(() -> budgets.of(BudgetKind.REST).held() > 0);

      CompletableFuture<Void> stopped = CompletableFuture.runAsync(service::close, threads);
      await().until(() -> service.raw().upgrade("/ws").status() == 503);
      StringBuilder rest = new StringBuilder(first.substring(1));
      for (int i = 2; i <= 10; i++) {
        String body = "{\"content\":" + i + "}";
        rest.append(post(body)).append(body);
      }
      socket.send(rest.toString());

      await().until(() -> socket.heard().split("HTTP/1.1 200", -1).length == 11);
      int at = 0;
      for (int offset = 1; offset <= 10; offset++) {
        int next = socket.heard().indexOf("\"offset\":" + offset + ",");
        assertThat(next).isGreaterThan(at);
        at = next;
      }
      stopped.join();
    }
  }

  /** What the chart, the documents and the settings reckon with. */
  @Test
  void thePartsOfTheStopFitIntoTheTimeThatIsReckonedWith() throws IOException {
    try (ParleyService service = ParleyService.start()) {
      Duration connections =
          service
              .bean(Drain.class)
              .longest()
              .minus(service.bean(DrainProperties.class).window())
              .minus(service.bean(PresenceProperties.class).grace());
      Duration webServer =
          DurationStyle.detectAndParse(
              service.setting("spring.lifecycle.timeout-per-shutdown-phase"));
      long seconds =
          connections.toSeconds()
              + HttpDrain.LONGEST_SECONDS
              + webServer.toSeconds()
              + REDIS_SECONDS;
      // The JVM needs some time, too.
      assertThat(seconds).isLessThanOrEqualTo(20 - 3);
      assertThat(Path.of("helm/parley/templates/_validate.tpl"))
          .content()
          .contains("add $window $presence $preStop 20 -");
      assertThat(Path.of("docs/OPERATIONS.md"))
          .content()
          .contains("`parley.presence.grace` + 20 s; the chart refuses less")
          .contains("| " + connections.toSeconds() + " s |")
          .contains("| " + HttpDrain.LONGEST_SECONDS + " s |")
          .contains("| " + webServer.toSeconds() + " s |");
      assertThat(Path.of("src/main/resources/application.yml"))
          .content()
          .contains("must wait longer than both and 20 s together");
    }
  }

  private static String post(String body) {
    return "POST /api/v1/rooms/r/messages HTTP/1.1\r\nHost: localhost\r\n"
        + "Content-Type: application/json\r\nContent-Length: "
        + body.length()
        + "\r\n\r\n";
  }
}
