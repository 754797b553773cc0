package dev.parley.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.anyBoolean;
import static org.mockito.ArgumentMatchers.eq;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.never;
import static org.mockito.Mockito.times;
import static org.mockito.Mockito.verify;

import dev.parley.access.Gcra;
import dev.parley.access.Identity;
import dev.parley.access.LimitsProperties;
import dev.parley.access.RoomClaims;
import dev.parley.budget.Budget;
import dev.parley.budget.BudgetKind;
import dev.parley.delivery.FakeSocket;
import dev.parley.delivery.ManualLane;
import dev.parley.delivery.Outbound;
import dev.parley.protocol.ClientFrames;
import dev.parley.protocol.CloseCode;
import dev.parley.protocol.Epoch;
import dev.parley.protocol.ErrorCode;
import dev.parley.protocol.RoomName;
import dev.parley.protocol.ServerFrame;
import dev.parley.protocol.UserId;
import dev.parley.room.Audience;
import dev.parley.room.Rooms;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a connection keeps back and when it ends, without a socket and without waiting. */
class FrameConnectionTests {
  private static final RoomName ROOM = new RoomName("r");
  private static final Duration IDLE = Duration.ofMinutes(5);

  private final ManualLane lane = new ManualLane(Budget.of(BudgetKind.OUTBOUND, Long.MAX_VALUE));
  private final FakeTransport transport = new FakeTransport();
  private final Rooms rooms = mock(Rooms.class);
  private final FrameConnection connection =
      new FrameConnection(
          1,
          new Identity(new UserId("ann"), "Ann", false, null, null, RoomClaims.NONE, Set.of()),
          new ConnectionSettings(
              Duration.ofMinutes(10),
              65_536,
              Duration.ZERO,
              Clock.systemUTC(),
              new ConnectionMetrics(new SimpleMeterRegistry())),
          new FrameSettings(
              rooms,
              new ClientFrames(new RoomName("lobby")),
              Gcra.Rate.of(new LimitsProperties(false, 50, 100, 20, 200, 100)),
              100,
              0,
              IDLE),
          Audience.FULL);

  @BeforeEach
  void open() {
    lane.on(() -> connection.open(transport));
  }

  @Test
  void whoJoinedNothingForFiveMinutesIsIdle() {
    sweepIn(IDLE.minusSeconds(1));
    assertThat(transport.closes).isEmpty();
    sweepIn(IDLE.plusSeconds(1));
    assertThat(transport.closes).containsExactly(CloseCode.IDLE);
  }

  @Test
  void whoIsInARoomIsNotIdle() {
    send("{\"type\":\"join\",\"room\":\"r\"}");
    sweepIn(IDLE.plusSeconds(1));
    assertThat(transport.closes).isEmpty();
  }

  @Test
  void whoLeftTheLastRoomHasTheTimeAnew() {
    send("{\"type\":\"join\",\"room\":\"r\"}");
    lane.on(() -> connection.joined(joined()));
    send("{\"type\":\"leave\",\"room\":\"r\"}");
    sweepIn(IDLE.minusSeconds(1));
    assertThat(transport.closes).isEmpty();
    sweepIn(IDLE.plusSeconds(1));
    assertThat(transport.closes).containsExactly(CloseCode.IDLE);
  }

  @Test
  void framesForARoomWaitUntilItIsJoinedAndTooManyStopTheReading() {
    send("{\"type\":\"join\",\"room\":\"r\"}");
    for (int i = 0; i < Connection.MAX_UNANSWERED; i++) {
      assertThat(connection.isReadable()).isTrue();
      send("{\"type\":\"signal\",\"room\":\"r\",\"name\":\"n\"}");
    }
    assertThat(connection.isReadable()).isFalse();
    verify(rooms, never()).signal(any(), anyBoolean(), any());
    lane.on(() -> connection.joined(joined()));
    verify(rooms, times(Connection.MAX_UNANSWERED)).signal(any(), eq(true), any());
    assertThat(transport.resumes).isEqualTo(1);
  }

  @Test
  void framesThatWaitedForARefusedJoinAreNotOfAMember() {
    send("{\"type\":\"join\",\"room\":\"r\"}");
    send("{\"type\":\"signal\",\"room\":\"r\",\"name\":\"n\"}");
    send("{\"type\":\"join\",\"room\":\"r\"}");
    send("{\"type\":\"typing\",\"room\":\"r\",\"active\":true}");
    lane.on(() -> connection.refused(ROOM, null, ErrorCode.BROKER_UNAVAILABLE));
    verify(rooms).signal(any(), eq(false), any());
    // The second join is under way, and what follows it waits for it.
    verify(rooms, never()).typing(any(), anyBoolean(), any());
    lane.on(() -> connection.joined(joined()));
    verify(rooms).typing(any(), eq(true), any());
  }

  @Test
  void whoIsExpelledWhileJoiningGoesWhenThatIsDecided() {
    send("{\"type\":\"join\",\"room\":\"r\"}");
    send("{\"type\":\"signal\",\"room\":\"r\",\"name\":\"n\"}");
    lane.on(() -> assertThat(connection.expelled(ROOM, "removed")).isTrue());
    verify(rooms, never()).leave(any(), anyBoolean());
    lane.on(() -> connection.joined(joined()));
    verify(rooms).leave(any(), eq(false));
    // What waited for the join is not of a member any more.
    verify(rooms).signal(any(), eq(false), any());
    lane.on(() -> assertThat(connection.expelled(ROOM, "removed")).isFalse());
  }

  @Test
  void whoIsExpelledFromARoomThatItCannotJoinIsToldOnce() {
    send("{\"type\":\"join\",\"room\":\"r\"}");
    lane.on(() -> assertThat(connection.expelled(ROOM, "removed")).isTrue());
    lane.on(() -> connection.refused(ROOM, null, ErrorCode.BROKER_UNAVAILABLE));
    verify(rooms).leave(any(), eq(false));
    lane.on(() -> assertThat(connection.expelled(ROOM, "removed")).isFalse());
  }

  @Test
  void unansweredPublishesStopTheReading() {
    send("{\"type\":\"join\",\"room\":\"r\"}");
    lane.on(() -> connection.joined(joined()));
    for (int i = 0; i < Connection.MAX_UNANSWERED; i++) {
      assertThat(connection.isReadable()).isTrue();
      send("{\"type\":\"message\",\"room\":\"r\",\"content\":1}");
    }
    assertThat(connection.isReadable()).isFalse();
  }

  @Test
  void whoIsClosedLeavesItsRoomsOnce() {
    send("{\"type\":\"join\",\"room\":\"r\"}");
    lane.on(() -> connection.close(CloseCode.RESTART));
    lane.on(() -> connection.close(CloseCode.IDLE));
    lane.on(connection::ended);
    assertThat(transport.closes).containsExactly(CloseCode.RESTART);
    verify(rooms).leave(any(), eq(true));
  }

  private void send(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    lane.on(() -> connection.text(bytes, 0, bytes.length));
  }

  private void sweepIn(Duration time) {
    lane.on(() -> connection.sweep(System.nanoTime() + time.toNanos()));
  }

  private static ServerFrame.Joined joined() {
    return new ServerFrame.Joined(null, ROOM, Epoch.random(), 0, 0, null, 1);
  }

  private final class FakeTransport implements Transport {
    final List<CloseCode> closes = new ArrayList<>();
    private final Outbound outbound = new FakeSocket().outbound(lane, 1_000_000);
    int resumes;

    @Override
    public Outbound outbound() {
      return outbound;
    }

    @Override
    public void resume() {
      resumes++;
    }

    @Override
    public void ping() {}

    @Override
    public void close(CloseCode code) {
      closes.add(code);
    }

    @Override
    public void abort() {}
  }
}
