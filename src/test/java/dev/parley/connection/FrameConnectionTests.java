package dev.parley.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.anyBoolean;
import static org.mockito.ArgumentMatchers.eq;
import static org.mockito.ArgumentMatchers.isNull;
import static org.mockito.ArgumentMatchers.notNull;
import static org.mockito.Mockito.atLeastOnce;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.never;
import static org.mockito.Mockito.times;
import static org.mockito.Mockito.verify;

import dev.parley.access.Identity;
import dev.parley.access.LimitsProperties;
import dev.parley.access.MessageRateLimiter;
import dev.parley.access.RoomClaims;
import dev.parley.broker.Outcome;
import dev.parley.broker.Outcome.Accepted;
import dev.parley.budget.Account;
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
import dev.parley.room.ProtocolMode;
import dev.parley.room.Rooms;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.mockito.ArgumentCaptor;

/** What a connection keeps back and when it ends, without a socket and without waiting. */
class FrameConnectionTests {
  private static final RoomName ROOM = new RoomName("r");
  private static final Duration IDLE = Duration.ofMinutes(5);

  private final ManualLane lane = new ManualLane(Budget.of(BudgetKind.OUTBOUND, Long.MAX_VALUE));
  private final FakeSocket socket = new FakeSocket();
  private final FakeTransport transport = new FakeTransport();
  private final Budget inbound = Budget.of(BudgetKind.INBOUND, 1_000_000);
  private final Budget memberships = Budget.of(BudgetKind.ROOMS, 1_000);
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
              inbound,
              new ConnectionMetrics(new SimpleMeterRegistry())),
          new FrameSettings(
              rooms,
              new ClientFrames(new RoomName("lobby")),
              MessageRateLimiter.Rate.of(
                  new LimitsProperties(
                      false, 50, 100, 2_000, 5_000, 20, 200, 100, 20, 500, 1_000, null)),
              100,
              0,
              memberships,
              IDLE),
          ProtocolMode.FULL);

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
    verify(rooms, never()).signal(any(), any(), any());
    lane.on(() -> connection.joined(joined()));
    verify(rooms, times(Connection.MAX_UNANSWERED)).signal(any(), notNull(), any());
    assertThat(transport.resumes).isEqualTo(1);
  }

  @Test
  void framesThatWaitedForARefusedJoinAreNotOfAMember() {
    send("{\"type\":\"join\",\"room\":\"r\"}");
    send("{\"type\":\"signal\",\"room\":\"r\",\"name\":\"n\"}");
    send("{\"type\":\"join\",\"room\":\"r\"}");
    send("{\"type\":\"typing\",\"room\":\"r\",\"active\":true}");
    lane.on(() -> connection.refused(ROOM, null, ErrorCode.BROKER_UNAVAILABLE, null));
    verify(rooms).signal(any(), isNull(), any());
    // The second join is under way, and what follows it waits for it.
    verify(rooms, never()).typing(any(), any(), any());
    lane.on(() -> connection.joined(joined()));
    verify(rooms).typing(any(), notNull(), any());
  }

  @Test
  void whoIsForcedToLeaveWhileJoiningLeavesWhenThatIsDecided() {
    send("{\"type\":\"join\",\"room\":\"r\"}");
    send("{\"type\":\"signal\",\"room\":\"r\",\"name\":\"n\"}");
    lane.on(() -> assertThat(connection.forceLeave(ROOM, "removed")).isTrue());
    verify(rooms, never()).leave(any(), anyBoolean());
    lane.on(() -> connection.joined(joined()));
    verify(rooms).leave(any(), eq(false));
    // What waited for the join is not of a member any more.
    verify(rooms).signal(any(), isNull(), any());
    lane.on(() -> assertThat(connection.forceLeave(ROOM, "removed")).isFalse());
  }

  @Test
  void whoIsForcedToLeaveARoomThatItCannotJoinIsToldOnce() {
    send("{\"type\":\"join\",\"room\":\"r\"}");
    lane.on(() -> assertThat(connection.forceLeave(ROOM, "removed")).isTrue());
    lane.on(() -> connection.refused(ROOM, null, ErrorCode.BROKER_UNAVAILABLE, null));
    verify(rooms).leave(any(), eq(false));
    lane.on(() -> assertThat(connection.forceLeave(ROOM, "removed")).isFalse());
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

  @Test
  void whatThePeerSentBeforeItsCloseTakesEffect() {
    send("{\"type\":\"join\",\"room\":\"r\"}");
    send("{\"type\":\"message\",\"room\":\"r\",\"content\":1}");
    lane.on(() -> connection.endedByPeer(CloseCode.NORMAL));
    assertThat(connection.isReadable()).isFalse();
    lane.on(() -> {});
    assertThat(transport.ends).isZero();
    verify(rooms, never()).leave(any(), anyBoolean());
    lane.on(() -> connection.joined(joined()));
    verify(rooms).publish(any(), notNull(), any(), any());
    assertThat(transport.ends).isZero();
    answer(new Outcome.Refused<>(ErrorCode.UNCONFIRMED));
    assertThat(transport.ends).isEqualTo(1);
    verify(rooms).leave(any(), eq(true));
    lane.on(connection::ended);
    assertThat(transport.releases).isEqualTo(1);
    assertThat(transport.closes).isEmpty();
  }

  @Test
  void whatWasReceivedTakesEffectThoughTheSocketIsGone() {
    send("{\"type\":\"join\",\"room\":\"r\"}");
    send("{\"type\":\"signal\",\"room\":\"r\",\"name\":\"n\"}");
    lane.on(connection::ended);
    assertThat(transport.releases).isZero();
    lane.on(() -> connection.joined(joined()));
    verify(rooms).signal(any(), notNull(), any());
    verify(rooms).leave(any(), eq(true));
    assertThat(transport.releases).isEqualTo(1);
  }

  @Test
  void whatAPeerThatLeftWaitsForIsGivenUpInTime() {
    send("{\"type\":\"join\",\"room\":\"r\"}");
    send("{\"type\":\"signal\",\"room\":\"r\",\"name\":\"n\"}");
    lane.on(() -> connection.endedByPeer(CloseCode.GOING_AWAY));
    sweepIn(Duration.ofSeconds(5));
    assertThat(transport.ends).isZero();
    sweepIn(Duration.ofSeconds(7));
    assertThat(transport.ends).isEqualTo(1);
    verify(rooms).leave(any(), eq(true));
    lane.on(() -> connection.joined(joined()));
    verify(rooms, never()).signal(any(), any(), any());
  }

  @Test
  void whatWeCloseTakesNothingIntoEffect() {
    send("{\"type\":\"join\",\"room\":\"r\"}");
    send("{\"type\":\"signal\",\"room\":\"r\",\"name\":\"n\"}");
    lane.on(() -> connection.endedByPeer(CloseCode.NORMAL));
    lane.on(() -> assertThat(connection.disconnect()).isTrue());
    lane.on(() -> connection.joined(joined()));
    verify(rooms, never()).signal(any(), any(), any());
    assertThat(transport.closes).containsExactly(CloseCode.DISCONNECTED);
    assertThat(transport.ends).isZero();
  }

  @Test
  void framesThatWaitAreCountedInBytesAndStopTheReading() {
    send("{\"type\":\"join\",\"room\":\"r\"}");
    for (int i = 0; i < 4; i++) {
      assertThat(connection.isReadable()).isTrue();
      send(message(64 * 1024));
    }
    assertThat(connection.isReadable()).isFalse();
    assertThat(inbound.held()).isBetween(4 * 65_536L, 4 * 66_000L);
    lane.on(() -> connection.joined(joined()));
    assertThat(inbound.held()).isZero();
    // Now they wait for their answers.
    assertThat(connection.isReadable()).isFalse();
    answer(new Outcome.Refused<>(ErrorCode.UNCONFIRMED));
    assertThat(connection.isReadable()).isTrue();
    assertThat(transport.resumes).isEqualTo(1);
  }

  @Test
  void aFrameThatMayNotWaitIsRefusedAndStopsTheReading() {
    Account other = Account.NOBODY;
    assertThat(inbound.tryTake(other, 999_000)).isTrue();
    send("{\"type\":\"join\",\"room\":\"r\"}");
    send(message(10_000));
    assertThat(wire()).contains("\"code\":\"broker_unavailable\"");
    assertThat(connection.isReadable()).isFalse();
    verify(rooms, never()).publish(any(), any(), any(), any());
    lane.on(() -> connection.joined(joined()));
    assertThat(connection.isReadable()).isTrue();
    inbound.give(other, 999_000);
    assertThat(inbound.held()).isZero();
  }

  @Test
  void nothingIsHeldOfAConnectionThatIsClosed() {
    send("{\"type\":\"join\",\"room\":\"r\"}");
    send(message(10_000));
    assertThat(inbound.held()).isPositive();
    lane.on(() -> connection.close(CloseCode.RESTART));
    assertThat(inbound.held()).isZero();
  }

  @Test
  void membershipsAreCountedAndGivenBack() {
    send("{\"type\":\"join\",\"rooms\":[{\"room\":\"r\"},{\"room\":\"s\"},{\"room\":\"t\"}]}");
    // The third is more than there is.
    assertThat(wire()).contains("\"room\":\"t\",\"code\":\"too_many_rooms\"");
    verify(rooms, times(2)).join(any(), any());
    lane.on(() -> connection.joined(joined()));
    send("{\"type\":\"leave\",\"room\":\"r\"}");
    assertThat(memberships.held()).isEqualTo(JoinedRooms.MEMBERSHIP_BYTES);
    lane.on(() -> connection.close(CloseCode.RESTART));
    assertThat(memberships.held()).isZero();
  }

  private String wire() {
    return socket.wire.toString(StandardCharsets.UTF_8);
  }

  private static String message(int length) {
    return "{\"type\":\"message\",\"room\":\"r\",\"content\":\"" + "x".repeat(length) + "\"}";
  }

  private void send(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    lane.on(() -> connection.text(bytes, 0, bytes.length));
  }

  /** Answers the last message that was published. */
  @SuppressWarnings("unchecked")
  private void answer(Outcome<Accepted> outcome) {
    ArgumentCaptor<Consumer<Outcome<Accepted>>> answers = ArgumentCaptor.forClass(Consumer.class);
    verify(rooms, atLeastOnce()).publish(any(), any(), any(), answers.capture());
    lane.on(() -> answers.getValue().accept(outcome));
  }

  private void sweepIn(Duration time) {
    lane.on(() -> connection.sweep(System.nanoTime() + time.toNanos()));
  }

  private static ServerFrame.Joined joined() {
    return new ServerFrame.Joined(null, ROOM, Epoch.random(), 0, 0, null, 1, null, null);
  }

  private final class FakeTransport implements Transport {
    final List<CloseCode> closes = new ArrayList<>();
    private final Outbound outbound = socket.outbound(lane, 1_000_000);
    int resumes;
    int ends;
    int releases;

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
    public void readAgain() {}

    @Override
    public boolean isLate(long now) {
      return false;
    }

    @Override
    public void end() {
      ends++;
    }

    @Override
    public void released() {
      releases++;
    }

    @Override
    public void abort() {}
  }
}
