package dev.parley.websocket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.Mockito.mock;

import dev.parley.access.Identity;
import dev.parley.access.MessageRateLimiter;
import dev.parley.access.RoomClaims;
import dev.parley.budget.Budget;
import dev.parley.budget.BudgetKind;
import dev.parley.connection.ConnectionMetrics;
import dev.parley.connection.ConnectionSettings;
import dev.parley.protocol.CloseCode;
import dev.parley.protocol.UserId;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.websocket.core.Frame;
import org.eclipse.jetty.websocket.core.OpCode;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What an unfinished message holds, and for how long it may. */
class MessageAssemblerTests {
  private static final int LIMIT = 100_000;
  private static final MessageRateLimiter.Rate UNLIMITED = new MessageRateLimiter.Rate(0, 0);

  private final Budget inbound = Budget.of(BudgetKind.INBOUND, LIMIT);
  private final EchoConnection connection =
      new EchoConnection(
          1,
          new Identity(new UserId("ann"), "Ann", false, null, null, RoomClaims.NONE, Set.of()),
          new ConnectionSettings(
              Duration.ofMinutes(10),
              65_536,
              Duration.ZERO,
              Clock.systemUTC(),
              inbound,
              new ConnectionMetrics(new SimpleMeterRegistry())),
          new Pace(UNLIMITED));
  private final MessageAssembler assembler =
      new MessageAssembler(
          new SelectorLane(
              0, Budget.of(BudgetKind.OUTBOUND, LIMIT), mock(ScheduledExecutorService.class)),
          connection,
          new MessageLimits(65_536, Duration.ofSeconds(30), UNLIMITED));

  @Test
  void nothingIsLateThatWasNotBegun() {
    assertThat(isLateIn(Duration.ofDays(1))).isFalse();
  }

  @Test
  void aMessageHasItsTimeAndASecondMoreForEachKilobyteThatCame() {
    assertThat(fragment(OpCode.BINARY, 0)).isNull();
    assertThat(isLateIn(Duration.ofSeconds(29))).isFalse();
    assertThat(isLateIn(Duration.ofSeconds(31))).isTrue();
    assertThat(fragment(OpCode.CONTINUATION, 20 * 1_024)).isNull();
    assertThat(isLateIn(Duration.ofSeconds(49))).isFalse();
    assertThat(isLateIn(Duration.ofSeconds(51))).isTrue();
    assembler.discard();
    assertThat(isLateIn(Duration.ofDays(1))).isFalse();
  }

  @Test
  void whatHasArrivedCounts() {
    assertThat(fragment(OpCode.BINARY, 10_000)).isNull();
    assertThat(inbound.held()).isBetween(10_000L, 20_000L);
    assertThat(fragment(OpCode.CONTINUATION, 30_000)).isNull();
    assertThat(inbound.held()).isBetween(40_000L, 65_536L);
    assembler.discard();
    assertThat(inbound.held()).isZero();
  }

  @Test
  void whatIsTooMuchHasToWaitUntilThereIsRoom() {
    assertThat(connection.tryHold(50_000)).isTrue();
    assertThat(fragment(OpCode.BINARY, 20_000)).isNull();
    Frame next = frame(OpCode.CONTINUATION, 40_000);
    assertThat(assembler.prepare(next)).isFalse();
    assertThat(inbound.held()).isEqualTo(70_000);
    assertThat(isLateIn(Duration.ofSeconds(51))).isTrue();
    connection.release(50_000);
    assertThat(assembler.prepare(next)).isTrue();
    assertThat(assembler.accept(next)).isNull();
    assertThat(inbound.held()).isBetween(60_000L, 65_536L);
  }

  @Test
  void whatIsTooLongIsRefused() {
    assertThat(fragment(OpCode.BINARY, 60_000)).isNull();
    assertThat(fragment(OpCode.CONTINUATION, 10_000)).isEqualTo(CloseCode.TOO_BIG);
    assembler.discard();
    assertThat(inbound.held()).isZero();
  }

  private boolean isLateIn(Duration time) {
    return assembler.isLate(System.nanoTime() + time.toNanos() - TimeUnit.MILLISECONDS.toNanos(1));
  }

  private @Nullable CloseCode fragment(byte opcode, int size) {
    Frame frame = frame(opcode, size);
    assertThat(assembler.prepare(frame)).isTrue();
    return assembler.accept(frame);
  }

  private static Frame frame(byte opcode, int size) {
    return new Frame(opcode, false, ByteBuffer.allocate(size));
  }
}
