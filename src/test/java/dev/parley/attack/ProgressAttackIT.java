package dev.parley.attack;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.parley.support.ParleyProcess;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Clients that keep others from getting on. */
@Tag("attack")
@Timeout(90)
class ProgressAttackIT {
  @RegisterExtension static final Shared shared = Shared.EMBEDDED;

  private static Siege siege;

  @BeforeAll
  static void take() {
    siege = shared.siege();
  }

  @Test
  void bodiesThatComeByteByByteKeepNobodyOut() throws Exception {
    String post =
        """
        POST /api/v1/rooms/slow/messages HTTP/1.1\r
        Host: 127.0.0.1\r
        Authorization: Bearer %s\r
        Content-Type: application/json\r
        Content-Length: 1000\r
        \r
        {\
        """
            .formatted(ParleyProcess.token("mallory-slow"));
    siege.withstands(
        "bodies",
        () -> {
          // One user may begin 100 requests at once, and 50 in each second.
          try (Trickle first = Trickle.open(siege.instance(), 100, post)) {
            siege.last(Duration.ofMillis(2_500));
            try (Trickle second = Trickle.open(siege.instance(), 105, post)) {
              siege.last(Duration.ofSeconds(1));
              first.sendOne(' ');
              second.sendOne(' ');
              assertIsServed(ParleyProcess.token("served"));
            }
          }
        });
  }

  @Test
  void handshakesThatComeByteByByteKeepNobodyOutAndAreClosed() throws Exception {
    siege.withstands(
        "half-open",
        () -> {
          String token = ParleyProcess.token("served");
          try (Trickle begun = Trickle.open(siege.instance(), 1_000, "GET /ws HTTP/1.1\r\nHost:")) {
            assertIsServed(token);
            await()
                .atMost(Duration.ofSeconds(16))
                .pollInterval(Duration.ofSeconds(1))
                .until(() -> begun.sendOne('a') == 0);
            assertIsServed(token);
          }
        });
  }

  private static void assertIsServed(String token) throws IOException {
    for (int i = 0; i < 5; i++) {
      long start = System.nanoTime();
      Hostile.connect(siege.instance(), 200, token).close();
      assertThat(publish(token)).isEqualTo(200);
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(1));
    }
  }

  private static int publish(String token) throws IOException {
    String body = "{\"content\":\"served\"}";
    return status(
        """
        POST /api/v1/rooms/served/messages HTTP/1.1\r
        Host: 127.0.0.1\r
        Authorization: Bearer %s\r
        Content-Type: application/json\r
        Content-Length: %d\r
        Connection: close\r
        \r
        %s\
        """
            .formatted(token, body.length(), body));
  }

  /** The status of the answer to a request. */
  private static int status(String request) throws IOException {
    try (Socket socket = Hostile.open(siege.instance(), 201)) {
      socket.getOutputStream().write(request.getBytes(US_ASCII));
      InputStream in = socket.getInputStream();
      byte[] status = in.readNBytes(12);
      return Integer.parseInt(new String(status, US_ASCII).substring(9));
    }
  }

  @Test
  void controlFramesAndEmptyFragmentsAreFloodingToo() throws Exception {
    byte[] ping = Frames.frame(Frames.PING, new byte[8]);
    byte[] pong = Frames.frame(Frames.PONG, new byte[0]);
    byte[] nothing = Frames.frame(Frames.CONTINUATION, new byte[0]);
    byte[] begin = Frames.frame(Frames.FIRST_FRAGMENT, new byte[0]);
    siege.withstands(
        "control",
        () -> {
          try (ExecutorService threads = Executors.newCachedThreadPool()) {
            List<Future<Integer>> codes = new ArrayList<>();
            for (byte[] frame : List.of(ping, pong, nothing)) {
              codes.add(
                  threads.submit(() -> {
                    String token = ParleyProcess.token("mallory-control");
                    Hostile client = Hostile.connect(siege.instance(), 2, token);
                    if (frame == nothing) {
                      client.send(begin);
                    }
                    return client.flood(times(frame, 1_000), Duration.ofSeconds(10));
                  }));
            }
            for (Future<Integer> code : codes) {
              assertThat(code.get()).isEqualTo(4003);
            }
          }
          siege.last(Duration.ofSeconds(1));
        });
  }

  private static byte[] times(byte[] frame, int times) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (int i = 0; i < times; i++) {
      all.writeBytes(frame);
    }
    return all.toByteArray();
  }

  @Test
  void allThatHundredsMaySendAtOnceDelaysNobody() throws Exception {
    List<Hostile> clients = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      clients.addAll(Hostile.connect(siege.instance(), "mallory-burst-" + i, 200));
    }
    // The bound is that of an instance that has been running, so its code is compiled.
    burst(clients);
    siege.last(Duration.ofSeconds(2));
    siege.withstands(
        "bursts",
        () -> {
          for (int i = 0; i < 3; i++) {
            burst(clients);
            siege.last(Duration.ofSeconds(2));
          }
        });
    clients.forEach(Hostile::close);
  }

  /** Each sends to a room of its own what its rate allows at once, and waits for no answer. */
  private static void burst(List<Hostile> clients) {
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      for (int i = 0; i < clients.size(); i++) {
        Hostile client = clients.get(i);
        byte[] messages = times(Frames.asked("burst-" + i, "x"), 90);
        threads.execute(() -> client.sendAll(List.of(messages)));
      }
    }
  }

  @Test
  void listsOfConnectionsOfARoomHoldNobodyUp() throws Exception {
    List<Hostile> members = Hostile.connect(siege.instance(), "mallory-rooms", 500);
    for (int i = 0; i < members.size(); i++) {
      int first = i % 10;
      // Each in as many as a connection may join, of fewer than a user may open at once.
      List<String> rooms =
          IntStream.range(0, 99).mapToObj(room -> "listed-" + (first * 40 + room)).toList();
      members.get(i).send(Frames.join(rooms));
      for (int room = 0; room < rooms.size(); room++) {
        members.get(i).next("joined", "error");
      }
    }
    HttpRequest list =
        HttpRequest.newBuilder(
                URI.create(
                    "http://127.0.0.1:%d/api/v1/connections?room=listed-60&limit=100"
                        .formatted(siege.instance().port())))
            .header("Authorization", "Bearer " + ParleyProcess.operatorToken("parley.admin"))
            .build();
    siege.withstands(
        "lists",
        () -> {
          try (HttpClient operator = HttpClient.newHttpClient()) {
            for (int i = 0; i < 60; i++) {
              assertThat(operator.send(list, BodyHandlers.ofString()).statusCode()).isEqualTo(200);
            }
          }
          siege.last(Duration.ofSeconds(1));
        });
    members.forEach(Hostile::close);
  }

  @Test
  void hostsThatAreNoneDoNotFillTheLog() throws Exception {
    siege.withstands(
        "hosts",
        () -> {
          int before = siege.instance().log().length();
          for (String hosts : List.of("Host: a b", "Host: a\r\nHost: b", "Host: a:b:c", "X: y")) {
            for (int i = 0; i < 250; i++) {
              int status = status("GET /ws HTTP/1.1\r\n" + hosts + "\r\n\r\n");
              assertThat(status).isIn(400, 429);
            }
          }
          assertThat(siege.instance().log().length() - before).isLessThan(5_000);
        });
  }
}
