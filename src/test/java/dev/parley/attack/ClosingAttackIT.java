package dev.parley.attack;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.cluster.ParleyProcess;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

/** What was sent before a connection or an instance ended takes effect. */
@Tag("attack")
@Timeout(90)
class ClosingAttackIT {
  private static final byte[] NORMAL_CLOSURE = Hostile.frame(Hostile.CLOSE, new byte[] {3, -24});
  private static final List<Siege> sieges = new ArrayList<>();

  /** Where the rooms are. */
  enum Rooms {
    EMBEDDED,
    REDIS
  }

  private static Siege start(Rooms rooms) {
    Siege siege =
        rooms == Rooms.EMBEDDED
            ? Siege.ofOne("attack-closing")
            : Siege.onRedis("attack-closing-redis");
    sieges.add(siege);
    return siege;
  }

  @AfterAll
  static void stop() {
    sieges.forEach(Siege::close);
  }

  @ParameterizedTest
  @EnumSource
  void whatIsSentBeforeTheEndTakesEffect(Rooms where) throws Exception {
    Siege siege = start(where);
    ParleyProcess instance = siege.instance();
    try (Hostile reader = Hostile.connect(instance, 2, ParleyProcess.token("reader"))) {
      // An old room, where somebody is.
      reader.send(Hostile.join("old"));
      reader.next("joined");
      List<String> lost = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        for (boolean close : new boolean[] {true, false}) {
          for (String room : List.of("old", "new-%d-%s".formatted(i, close))) {
            String content = "%s %d %s".formatted(room, i, close);
            sendAndEnd(instance, room, content, close);
            if (!arrives(reader, room, content)) {
              lost.add(content);
            }
          }
        }
      }
      assertThat(lost).isEmpty();
    }
    drain(siege);
  }

  private static void sendAndEnd(ParleyProcess instance, String room, String content, boolean close)
      throws IOException {
    try (Hostile client = Hostile.connect(instance, 3, ParleyProcess.token("leaver"))) {
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      all.writeBytes(Hostile.join(room));
      all.writeBytes(Hostile.asked(room, content));
      if (close) {
        all.writeBytes(NORMAL_CLOSURE);
      }
      client.send(all.toByteArray());
      if (!close) {
        client.halfClose();
      }
      assertThat(client.closeCode(Duration.ofSeconds(5))).isNotEqualTo(Hostile.OPEN);
    }
  }

  /** Whether the room's history has it soon. */
  private static boolean arrives(Hostile reader, String room, String content) throws Exception {
    for (int attempt = 0; attempt < 5; attempt++) {
      reader.send(
          Hostile.text(
              "{\"type\":\"history\",\"ref\":\"h\",\"room\":\"%s\",\"limit\":1}".formatted(room)));
      JsonNode answer = reader.next("history", "error");
      if (answer.toString().contains(content)) {
        return true;
      }
      java.util.concurrent.locks.LockSupport.parkNanos(100_000_000);
    }
    return false;
  }

  /** Requests whose bodies are still on their way when the instance is told to stop. */
  private static void drain(Siege siege) throws Exception {
  }
}
