package dev.parley.websocket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.parley.support.ParleyService;
import dev.parley.support.SharedRedis;
import dev.parley.support.TcpProxy;
import dev.parley.support.TestClient;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What a client sent before it closed, or before the end of its stream, takes effect, in order,
 * though a join is still under way: over and over, in new rooms and in old ones, on both brokers.
 */
@Tag("redis")
@Tag("service")
@ParameterizedClass(name = "{0}")
@ValueSource(strings = {"embedded", "redis", "far redis"})
@Timeout(180)
class LastWordsTests {
  private static final int TIMES = 50;
  private static final TcpProxy FAR = new TcpProxy(SharedRedis.host(), SharedRedis.port());

  /** How a client ends behind what it has sent. */
  enum Ending {
    CLOSE,
    CLOSE_AND_END_OF_STREAM,
    END_OF_STREAM
  }

  private final ParleyService service;
  private final TestClient witness;

  LastWordsTests(String broker) {
    service =
        switch (broker) {
          case "embedded" -> ParleyService.shared("parley.limits.enabled=false", "parley.lanes=2");
          case "redis" -> onRedis(SharedRedis.port());
          default -> onRedis(FAR.port());
        };
    FAR.delay(Duration.ofMillis(10));
    witness = service.user("witness");
  }

  @AfterAll
  static void heal() {
    FAR.heal();
  }

  @ParameterizedTest
  @EnumSource
  void aMessageInANewRoomTakesEffect(Ending ending) {
    List<String> rooms =
        IntStream.range(0, TIMES).mapToObj(i -> ParleyService.unique("new")).toList();
    speakAtOnce(ending, rooms.stream().map(room -> join(room) + "\n" + message(room, "m")));
    for (String room : rooms) {
      assertThat(contents(room, 1)).containsExactly("m");
    }
  }

  @ParameterizedTest
  @EnumSource
  void aMessageInAnOldRoomTakesEffect(Ending ending) {
    String room = ParleyService.unique("old");
    witness.join(room);
    List<String> messages = IntStream.range(0, TIMES).mapToObj(i -> "m" + i).toList();
    speakAtOnce(ending, messages.stream().map(text -> join(room) + "\n" + message(room, text)));
    assertThat(
            messages.stream()
                .map(any -> witness.next("message", room).path("content").asString())
                .toList())
        .containsExactlyInAnyOrderElementsOf(messages);
  }

  @ParameterizedTest
  @EnumSource
  void twoHundredMessagesTakeEffectInOrder(Ending ending) {
    for (int i = 0; i < 5; i++) {
      String room = ParleyService.unique("many");
      StringBuilder lines = new StringBuilder(join(room));
      IntStream.range(0, 200).forEach(m -> lines.append('\n').append(message(room, "m" + m)));
      speak(ending, lines.toString());
      assertThat(contents(room, 200))
          .containsExactlyElementsOf(IntStream.range(0, 200).mapToObj(m -> "m" + m).toList());
    }
  }

  @ParameterizedTest
  @EnumSource
  void messagesBehindABatchedJoinTakeEffect(Ending ending) {
    for (int i = 0; i < 10; i++) {
      String one = ParleyService.unique("batch");
      String two = ParleyService.unique("batch");
      speak(
          ending,
          "{\"type\":\"join\",\"rooms\":[{\"room\":\"%s\"},{\"room\":\"%s\"}]}\n%s\n%s"
              .formatted(one, two, message(one, "first"), message(two, "second")));
      assertThat(contents(one, 1)).containsExactly("first");
      assertThat(contents(two, 1)).containsExactly("second");
    }
  }

  @ParameterizedTest
  @EnumSource
  void whatIsSentInPlainModeAndOnRawTakesEffect(Ending ending) {
    for (int i = 0; i < 10; i++) {
      String room = ParleyService.unique("plain");
      end(ending, service.handshake("/ws").connect(), join(room) + "\n" + message(room, "plain"));
      assertThat(contents(room, 1)).containsExactly("plain");
      String raw = ParleyService.unique("raw");
      end(ending, service.handshake("/raw/" + raw).connect(), "one\ntwo\nthree");
      assertThat(contents(raw, 3)).containsExactly("one", "two", "three");
    }
  }

  @Test
  void whoComesAndGoesAtOnceIsAnnouncedInThatOrder() {
    for (int i = 0; i < 10; i++) {
      String room = ParleyService.unique("presence");
      witness.join(room);
      witness.next("user-joined", room);
      speak(Ending.CLOSE, join(room) + "\n" + message(room, "m"));
      // Notices and messages take different ways through Redis, and either may come first.
      assertThat(typesOf(room, 3))
          .containsExactlyInAnyOrder("user-joined", "message", "user-left")
          .containsSubsequence("user-joined", "user-left");
    }
  }

  @Test
  void theAckComesBeforeTheAnswerToTheClose() {
    for (int i = 0; i < 10; i++) {
      String room = ParleyService.unique("ack");
      try (TestClient client = service.user("ann")) {
        client.raw(frames(join(room) + "\n" + message(room, "m"), true));
        assertThat(client.awaitCloseCode()).isEqualTo(1000);
        assertThat(client.all("ack")).hasSize(1);
        assertThat(client.awaitEnd()).isEqualTo(TestClient.End.END_OF_STREAM);
      }
    }
  }

  @Test
  void historyIsAnsweredBeforeTheAnswerToTheClose() {
    String room = ParleyService.unique("history");
    try (TestClient client = service.user("ann")) {
      StringBuilder lines = new StringBuilder(join(room)).append('\n').append(message(room, "m"));
      for (int i = 0; i < 6; i++) {
        lines.append("\n{\"type\":\"history\",\"room\":\"" + room + "\",\"ref\":\"h" + i + "\"}");
      }
      lines.append('\n').append(message(room, "behind"));
      client.raw(frames(lines.toString(), true));
      assertThat(client.awaitCloseCode()).isEqualTo(1000);
      assertThat(client.all("history")).hasSize(6);
    }
    assertThat(contents(room, 2)).containsExactly("m", "behind");
  }

  @Test
  void nobodyIsLeftWhoIsGone() {
    double before = service.openConnections();
    for (int i = 0; i < 20; i++) {
      String room = ParleyService.unique("gone");
      TestClient client = service.user("ann");
      client.raw(frames(join(room) + "\n" + message(room, "m"), false));
      client.drop();
    }
    await().until(() -> service.openConnections() <= before);
  }

  /** A client for each of these, all of them at the same time. */
  private void speakAtOnce(Ending ending, Stream<String> lines) {
    try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
      List<CompletableFuture<Void>> ends =
          lines
              .map(each -> CompletableFuture.runAsync(() -> speak(ending, each), clients))
              .toList();
      ends.forEach(CompletableFuture::join);
    }
  }

  private void speak(Ending ending, String lines) {
    end(ending, service.user("ann"), lines);
  }

  private static void end(Ending ending, TestClient client, String lines) {
    client.raw(frames(lines, ending != Ending.END_OF_STREAM));
    if (ending != Ending.CLOSE) {
      client.halfClose();
    }
    client.awaitEnd();
    client.close();
  }

  /** The contents of the room's messages, once there are so many. */
  private List<String> contents(String room, int count) {
    witness.join(room);
    return IntStream.range(0, 1_000)
        .mapToObj(attempt -> history(room))
        .filter(contents -> contents.size() >= count)
        .findFirst()
        .orElseThrow(() -> new AssertionError("only " + history(room) + " came to " + room));
  }

  private List<String> history(String room) {
    witness.send("{\"type\":\"history\",\"room\":\"" + room + "\",\"limit\":1000}");
    return witness.next("history", room).path("messages").values().stream()
        .map(message -> message.path("content").asString())
        .toList();
  }

  private List<String> typesOf(String room, int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> witness.nextJson(frame -> frame.path("room").asString("").equals(room)))
        .map(frame -> frame.path("type").asString())
        .toList();
  }

  /** A text frame for each line, and a close behind them where it is wanted, in one piece. */
  private static byte[] frames(String lines, boolean close) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    lines
        .lines()
        .forEach(line ->
            bytes.writeBytes(TestClient.masked(0x81, line.getBytes(StandardCharsets.UTF_8))));
    if (close) {
      bytes.writeBytes(
          TestClient.masked(0x88, ByteBuffer.allocate(2).putShort((short) 1000).array()));
    }
    return bytes.toByteArray();
  }

  private static String join(String room) {
    return "{\"type\":\"join\",\"room\":\"" + room + "\"}";
  }

  private static String message(String room, String content) {
    String id = ParleyService.unique("id");
    return "{\"type\":\"message\",\"room\":\"%s\",\"id\":\"%s\",\"content\":\"%s\"}"
        .formatted(room, id, content);
  }

  private static ParleyService onRedis(int port) {
    return ParleyService.shared(
        "parley.limits.enabled=false",
        "parley.lanes=2",
        "parley.broker=redis",
        "spring.data.redis.host=" + SharedRedis.host(),
        "spring.data.redis.port=" + port);
  }
}
