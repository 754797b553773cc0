package dev.parley.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.support.ParleyService;
import dev.parley.support.TestClient;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/** docs/PROTOCOL.md, {@code members}: above 1,000 users, and back below 800. */
@Tag("service")
@Timeout(120)
class LargeRoomTests {
  private final ParleyService service = ParleyService.withLanes(3);
  private final String room = ParleyService.unique("large");

  @Test
  void aLargeRoomTellsItsSizeInPlaceOfNames() {
    List<TestClient> crowd = new ArrayList<>();
    try (TestClient ann = service.user("ann")) {
      ann.join(room);
      for (int i = 2; i <= 1_000; i++) {
        TestClient one = service.guest();
        one.join(room);
        crowd.add(one);
      }
      assertThat(ann.nextJson(f -> f.path("version").asInt() == 1_000).path("type").asString())
          .isEqualTo("user-joined");
      TestClient one = service.guest();
      assertThat(one.join(room).path("members").asInt()).isEqualTo(1_000);
      crowd.add(one);
      JsonNode members = ann.next("members");
      assertThat(members.path("count").asInt()).isEqualTo(1_001);
      assertThat(members.path("version").asInt()).isEqualTo(1_001);
      assertThat(one.next("members").path("count").asInt()).isEqualTo(1_001);
      while (crowd.size() > 798) {
        crowd.removeLast().send("{\"type\":\"leave\",\"room\":\"" + room + "\"}");
      }
      JsonNode left = ann.next("user-left");
      assertThat(left.path("version").asInt()).isEqualTo(1_203);
      assertThat(ann.all("user-left")).hasSize(1);
      assertThat(ann.all("user-joined")).hasSize(1_000);
    } finally {
      crowd.forEach(TestClient::close);
    }
  }
}
