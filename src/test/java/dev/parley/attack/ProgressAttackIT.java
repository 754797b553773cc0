package dev.parley.attack;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.cluster.ParleyProcess;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Clients that keep others from getting on. */
@Tag("attack")
@Timeout(90)
class ProgressAttackIT {
  private static Siege siege;

  @BeforeAll
  static void start() {
    siege = Siege.ofOne("attack-progress");
  }

  @AfterAll
  static void stop() {
    siege.close();
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
        {"""
            .formatted(ParleyProcess.token("mallory-slow"));
    siege.withstands("bodies", () -> openAndHold(205, post));
  }

  @Test
  void handshakesThatAreNeverFinishedKeepNobodyOut() throws Exception {
    siege.withstands(
        "half-open", () -> openAndHold(3_000, "GET /ws HTTP/1.1\r\nHost: 127.0.0.1\r\n"));
  }

  /** Begins so many requests, and meanwhile asks to be served, by WebSocket and by REST. */
  private static void openAndHold(int count, String begun) throws IOException {
    List<Socket> sockets = new ArrayList<>();
    try {
      for (int i = 0; i < count; i++) {
        Socket socket = Hostile.open(siege.instance(), 2 + i / 100, 8 * 1024);
        sockets.add(socket);
        socket.getOutputStream().write(begun.getBytes(US_ASCII));
      }
      siege.last(Duration.ofSeconds(2));
      for (int i = 0; i < 5; i++) {
        String token = ParleyProcess.token("served-" + i);
        long start = System.nanoTime();
        Hostile.connect(siege.instance(), 200, token).close();
        assertThat(publish(token)).isEqualTo(200);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(1));
      }
    } finally {
      for (Socket socket : sockets) {
        socket.close();
      }
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
        %s"""
            .formatted(token, body.length(), body));
  }

  /** The status of the answer to a request. */
  private static int status(String request) throws IOException {
    try (Socket socket = Hostile.open(siege.instance(), 201, 8 * 1024)) {
      socket.getOutputStream().write(request.getBytes(US_ASCII));
      InputStream in = socket.getInputStream();
      byte[] status = in.readNBytes(12);
      return Integer.parseInt(new String(status, US_ASCII).substring(9));
    }
  }

  @Test
  void controlFramesAndEmptyFragmentsAreFloodingToo() throws Exception {
    byte[] ping = Hostile.frame(Hostile.PING, new byte[8]);
    byte[] pong = Hostile.frame(Hostile.PONG, new byte[0]);
    byte[] nothing = Hostile.frame(Hostile.CONTINUATION, new byte[0]);
    byte[] begin = Hostile.frame(Hostile.FIRST_FRAGMENT, new byte[0]);
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
