package dev.parley.attack;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.parley.support.ParleyProcess;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** What was sent before a connection or an instance ended takes effect. */
@Tag("attack")
@Timeout(90)
class ClosingAttackIT {
  private static final String BODY = "{\"content\":\"on its way\"}";

  private static final byte[] NORMAL_CLOSURE = Frames.frame(Frames.CLOSE, new byte[] {3, -24});

  @RegisterExtension static final Shared embedded = Shared.EMBEDDED;
  @RegisterExtension static final Shared redis = Shared.REDIS;

  /** Where rooms are. */
  static final List<Shared> brokers = List.of(embedded, redis);

  @ParameterizedTest
  @FieldSource("brokers")
  void whatIsSentBeforeTheEndTakesEffect(Shared where) throws Exception {
    ParleyProcess instance = where.siege().instance();
    String token = ParleyProcess.token("leaver");
    Set<String> missing = new HashSet<>();
    try (Hostile reader = Hostile.connect(instance, 2, ParleyProcess.token("reader"))) {
      // An old room is one in which somebody is.
      reader.send(Frames.join("old"));
      reader.next("joined");
      for (int i = 0; i < 10; i++) {
        for (String end : List.of("close", "fin")) {
          String name = end + "-" + i;
          sendAndEnd(instance, token, "old", "in-old-" + name, end);
          sendAndEnd(instance, token, "new-" + name, "in-new-" + name, end);
          missing.addAll(List.of("in-old-" + name, "in-new-" + name));
        }
      }
    }
    await()
        .pollInterval(Duration.ofMillis(200))
        .atMost(Duration.ofSeconds(5))
        .untilAsserted(() -> {
          removeThoseThatAreThere(instance, missing);
          assertThat(missing).isEmpty();
        });
  }

  private static void sendAndEnd(
      ParleyProcess instance, String token, String room, String content, String end)
      throws IOException {
    try (Hostile client = Hostile.connect(instance, 3, token)) {
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      all.writeBytes(Frames.join(room));
      all.writeBytes(Frames.asked(room, content));
      if (end.equals("close")) {
        all.writeBytes(NORMAL_CLOSURE);
      }
      client.send(all.toByteArray());
      if (end.equals("fin")) {
        client.halfClose();
      }
      assertThat(client.closeCode(Duration.ofSeconds(5))).isNotEqualTo(Hostile.OPEN);
    }
  }

  private static void removeThoseThatAreThere(ParleyProcess instance, Set<String> missing)
      throws IOException {
    try (Hostile reader = Hostile.connect(instance, 4, ParleyProcess.token("reader"))) {
      Set<String> rooms =
          missing.stream()
              .map(content -> content.startsWith("in-old") ? "old" : content.substring(3))
              .collect(Collectors.toSet());
      for (String room : rooms) {
        reader.send(Frames.join(room));
        reader.send(Frames.history(room));
        String answer = reader.next("history", "error").toString();
        missing.removeIf(content -> answer.contains('"' + content + '"'));
      }
    }
  }

  /** Requests whose bodies are still on their way when the instance is told to stop. */
  @Test
  void requestsThatAreOnTheirWayWhenTheInstanceStopsAreAnswered() throws Exception {
    try (Siege siege = Siege.onDistantRedis("attack-draining")) {
      ParleyProcess instance = siege.instance();
      // Connections to Redis are opened by the first messages, and are here before it gets slow.
      for (int i = 0; i < 10; i++) {
        try (Socket socket = begin(instance, i)) {
          send(socket);
          assertThat(status(socket)).isEqualTo("HTTP/1.1 200");
        }
      }
      List<Socket> requests = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        requests.add(begin(instance, i));
      }
      // So that all of them have come in.
      assertThat(instance.health("readiness")).isEqualTo(200);
      // What is published is still on its way when the rest is done.
      siege.proxy().delay(Duration.ofMillis(500));
      instance.terminate();
      await().until(() -> instance.health("readiness") != 200);
      siege.last(Duration.ofSeconds(2));
      for (Socket socket : requests) {
        send(socket);
      }
      List<String> answers = new ArrayList<>();
      for (Socket socket : requests) {
        try (socket) {
          answers.add(status(socket));
        }
      }
      siege.proxy().heal();
      assertThat(answers).hasSize(10).allMatch(answer -> answer.equals("HTTP/1.1 200"));
    }
  }

  /** A request of which one byte of the body is here. */
  private static Socket begin(ParleyProcess instance, int client) throws IOException {
    Socket socket = Hostile.open(instance, 2 + client);
    String head =
        """
        POST /api/v1/rooms/drain-%d/messages HTTP/1.1\r
        Host: 127.0.0.1\r
        Authorization: Bearer %s\r
        Content-Type: application/json\r
        Content-Length: %d\r
        \r
        """
            .formatted(client, ParleyProcess.token("drain-" + client), BODY.length());
    socket.getOutputStream().write((head + BODY.charAt(0)).getBytes(US_ASCII));
    return socket;
  }

  /** The rest of the body. */
  private static void send(Socket socket) throws IOException {
    socket.getOutputStream().write(BODY.substring(1).getBytes(US_ASCII));
  }

  private static String status(Socket socket) throws IOException {
    return new String(socket.getInputStream().readNBytes(12), US_ASCII);
  }
}
