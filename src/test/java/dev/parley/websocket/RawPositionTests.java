package dev.parley.websocket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.eq;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import dev.parley.access.Identity;
import dev.parley.access.RoomClaims;
import dev.parley.broker.Outcome;
import dev.parley.budget.Account;
import dev.parley.connection.ConnectionSlots;
import dev.parley.protocol.Epoch;
import dev.parley.protocol.ErrorCode;
import dev.parley.protocol.Position;
import dev.parley.protocol.RoomName;
import dev.parley.protocol.UserId;
import dev.parley.room.RoomPosition;
import dev.parley.room.Rooms;
import dev.parley.security.HandshakeAdmission;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.http.server.ServletServerHttpRequest;
import org.springframework.http.server.ServletServerHttpResponse;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.web.socket.WebSocketHandler;

/** Handshakes of {@code /raw} whose rooms take their time. */
@Timeout(60)
class RawPositionTests {
  private static final RoomName SLOW = new RoomName("slow");
  private static final RoomName OPEN = new RoomName("open");
  private static final Identity ANN =
      new Identity(new UserId("ann"), "Ann", false, null, null, RoomClaims.NONE, Set.of());

  private final Rooms rooms = mock(Rooms.class);
  private final ConnectionSlots slots = mock(ConnectionSlots.class);
  private final CompletableFuture<RoomPosition> broker = new CompletableFuture<>();
  private final RoomPosition known = new RoomPosition.Known(new Position(Epoch.random(), 7));
  private final RawPosition positions = new RawPosition(rooms, slots);

  RawPositionTests() {
    when(rooms.isPublishing()).thenReturn(true);
    when(slots.account(any(), any())).thenReturn(Account.NOBODY);
    when(rooms.position(eq(SLOW), any())).thenReturn(broker);
    when(rooms.position(eq(OPEN), any())).thenReturn(CompletableFuture.completedFuture(known));
  }

  @Test
  void aFewWaitForTheBrokerAndOthersAreToldToComeBack() {
    List<CompletableFuture<MockHttpServletResponse>> answers = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < RawPosition.MOST_WAITING + 20; i++) {
        answers.add(CompletableFuture.supplyAsync(() -> handshake(SLOW), threads));
      }
      await().until(() -> answers.stream().filter(CompletableFuture::isDone).count() == 20);
      assertThat(answers.stream().filter(CompletableFuture::isDone).map(CompletableFuture::join))
          .allSatisfy(refused -> {
            assertThat(refused.getStatus()).isEqualTo(503);
            assertThat(refused.getHeader("Retry-After")).isEqualTo("1");
            assertThat(refused.getContentAsString())
                .contains("\"code\":\"broker_unavailable\"")
                .contains("Too many handshakes wait");
          });
      // Whose room is open here waits for nobody.
      assertThat(handshake(OPEN).getStatus()).isEqualTo(200);
      broker.complete(known);
      assertThat(answers.stream().map(CompletableFuture::join))
          .filteredOn(answer -> answer.getStatus() == 200)
          .hasSize(RawPosition.MOST_WAITING);
    }
  }

  @Test
  void whoHasTooManyRoomsOpenedIsToldSoAndWhenToComeBack() throws IOException {
    broker.complete(
        new RoomPosition.Unknown(new Outcome.Refused<>(ErrorCode.TOO_MANY_ROOMS, 3_000L)));
    MockHttpServletResponse refused = handshake(SLOW);
    assertThat(refused.getStatus()).isEqualTo(429);
    assertThat(refused.getHeader("Retry-After")).isEqualTo("3");
    assertThat(refused.getContentAsString()).contains("\"code\":\"too_many_rooms\"");
  }

  private MockHttpServletResponse handshake(RoomName room) {
    MockHttpServletResponse response = new MockHttpServletResponse();
    Map<String, Object> attributes = new HashMap<>();
    attributes.put(HandshakeAdmission.class.getName() + ".identity", ANN);
    attributes.put(RawRoom.class.getName() + ".room", room);
    try {
      boolean goesOn =
          positions.beforeHandshake(
              new ServletServerHttpRequest(new MockHttpServletRequest()),
              new ServletServerHttpResponse(response),
              mock(WebSocketHandler.class),
              attributes);
      assertThat(goesOn).isEqualTo(response.getStatus() == 200);
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
    return response;
  }
}
