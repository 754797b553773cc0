package dev.parley.websocket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.parley.budget.Budget;
import dev.parley.budget.BudgetKind;
import dev.parley.budget.Budgets;
import dev.parley.support.ParleyService;
import dev.parley.support.SharedRedis;
import dev.parley.support.TcpProxy;
import dev.parley.support.TestClient;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/**
 * What clients make the instance hold is counted in bytes, each user has a share of it, and all of
 * it is given back.
 */
@Tag("redis")
@Tag("service")
@Timeout(120)
class InboundTests {
  private static final int TEXT_BEGINS = 0x01;
  private static final byte[] LONG = "x".repeat(60_000).getBytes(StandardCharsets.US_ASCII);
  private static final TcpProxy PROXY = new TcpProxy(SharedRedis.host(), SharedRedis.port());

  private final ParleyService service =
      ParleyService.shared(
          "parley.lanes=2",
          "parley.broker=redis",
          "parley.budget.inbound=1",
          "parley.budget.user-share=1",
          "spring.data.redis.host=" + SharedRedis.host(),
          "spring.data.redis.port=" + PROXY.port());
  private final Budget inbound = service.bean(Budgets.class).of(BudgetKind.INBOUND);

  @AfterEach
  void everythingIsGivenBack() {
    PROXY.heal();
    await().until(() -> inbound.held() == 0);
    await().until(() -> service.bean(Budgets.class).of(BudgetKind.PUBLISH).held() == 0);
  }

  @Test
  void unfinishedMessagesOfOneUserAreHeldWithinItsShare() {
    String greedy = ParleyService.unique("greedy");
    List<TestClient> clients = new ArrayList<>();
    for (long held = 0; held <= 2 * inbound.share(); held += LONG.length) {
      clients.add(service.user(greedy).frame(TEXT_BEGINS, LONG));
    }
    // The last ones are not read.
    await().until(() -> inbound.held() > inbound.share() - LONG.length);
    assertThat(inbound.held()).isLessThanOrEqualTo(inbound.share());
    try (TestClient other = service.user(ParleyService.unique("other"))) {
      String room = ParleyService.unique("room");
      other.join(room);
      assertThat(other.publishAcked(room, "y".repeat(60_000)).path("offset").asLong()).isEqualTo(1);
    }
    clients.forEach(TestClient::close);
  }

  @Test
  void aMessageThatIsNotCompletedInTimeEndsTheConnection() {
    ParleyService hasty =
        ParleyService.shared("parley.lanes=1", "parley.websocket.message-timeout=1s");
    try (TestClient client = hasty.guest()) {
      client.frame(TEXT_BEGINS, new byte[] {'{'});
      assertThat(client.awaitCloseCode()).isEqualTo(4001);
    }
  }

  @Test
  void framesThatWaitForAJoinAreHeldWithinTheShareAndRefusedBeyond() {
    String room = ParleyService.unique("wait");
    try (TestClient client = service.user(ParleyService.unique("hasty"))) {
      PROXY.hold();
      client.send("{\"type\":\"join\",\"room\":\"" + room + "\"}");
      for (int i = 0; client.all("error").isEmpty(); i++) {
        long before = inbound.held();
        client.send(message(room, "id" + i));
        // Read one by one, they are whole messages and need no room as fragments.
        await().until(() -> inbound.held() > before || !client.all("error").isEmpty());
      }
      JsonNode refused = client.next("error");
      assertThat(refused.path("code").asString()).isEqualTo("broker_unavailable");
      assertThat(refused.path("id").asString()).startsWith("id");
      assertThat(inbound.held()).isPositive().isLessThanOrEqualTo(inbound.share());
      PROXY.heal();
      client.next("joined", room);
      client.send(message(room, "again"));
      client.nextJson(frame -> frame.path("id").asString("").equals("again"));
    }
  }

  private static String message(String room, String id) {
    return "{\"type\":\"message\",\"room\":\"%s\",\"id\":\"%s\",\"content\":\"%s\"}"
        .formatted(room, id, "z".repeat(3_500));
  }
}
