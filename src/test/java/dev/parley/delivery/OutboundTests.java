package dev.parley.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.budget.Budget;
import dev.parley.budget.BudgetKind;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class OutboundTests {
  private static final long LIMIT = 100_000;

  private final Budget total = Budget.of(BudgetKind.OUTBOUND, 1_000_000);
  private final ManualLane lane = new ManualLane(total);
  private final FakeSocket socket = new FakeSocket();
  private final Outbound outbound = socket.outbound(lane, LIMIT);

  @Test
  void framesOfATurnLeaveInOneWrite() {
    lane.on(() -> {
      outbound.send(frame(10, 1));
      outbound.send(frame(20, 2));
    });
    assertThat(socket.flushes).containsExactly(30);
    assertThat(lane.counters().frames()).isEqualTo(2);
    assertThat(lane.counters().bytes()).isEqualTo(30);
    assertThat(lane.counters().writes()).isEqualTo(1);
  }

  @Test
  void noRunIsLongerThan64KiB() {
    lane.on(() -> {
      outbound.send(frame(150_000, 1));
      outbound.send(frame(30_000, 2));
      outbound.send(frame(40_000, 3));
    });
    assertThat(socket.flushes).allMatch(length -> length <= 64 * 1024);
    assertThat(socket.wire.toByteArray())
        .isEqualTo(joined(frame(150_000, 1), frame(30_000, 2), frame(40_000, 3)));
  }

  @Test
  void whatFollowsTheWritesWaitsForTheLastOfThem() {
    AtomicInteger behind = new AtomicInteger();
    lane.afterWrites(behind::incrementAndGet);
    List<FakeSocket> sockets = new ArrayList<>();
    List<Outbound> outbounds = new ArrayList<>();
    for (int i = 0; i < 2_001; i++) {
      FakeSocket each = new FakeSocket();
      sockets.add(each);
      outbounds.add(each.outbound(lane, LIMIT));
    }
    lane.enter(() -> outbounds.forEach(each -> each.send(frame(10, 1))));
    lane.step();
    assertThat(sockets.stream().filter(each -> each.flushes.isEmpty())).hasSize(1);
    assertThat(behind).hasValue(0);
    lane.step();
    assertThat(sockets).noneMatch(each -> each.flushes.isEmpty());
    assertThat(behind).hasValue(1);
  }

  @Test
  void whoIsDueTheSameFramesSharesTheRuns() {
    List<FakeSocket> sockets = new ArrayList<>();
    List<Outbound> outbounds = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      FakeSocket each = new FakeSocket();
      each.room = 5;
      sockets.add(each);
      outbounds.add(each.outbound(lane, LIMIT));
    }
    byte[] shared = frame(1_000, 1);
    lane.on(() -> outbounds.forEach(each -> each.send(shared)));
    assertThat(sockets).allMatch(FakeSocket::isWriting);
    assertThat(sockets).allMatch(each -> each.lastRun == sockets.getFirst().lastRun);
    lane.on(() -> {
      sockets.forEach(each -> each.read(Long.MAX_VALUE));
      outbounds.forEach(each -> each.send(frame(10, 2)));
    });
    assertThat(sockets)
        .allSatisfy(
            each -> assertThat(each.wire.toByteArray()).isEqualTo(joined(shared, frame(10, 2))));
  }

  @Test
  void aFullSocketIsNotWrittenUntilItTookTheRest() {
    socket.room = 4;
    lane.on(() -> outbound.send(frame(10, 1)));
    lane.on(() -> outbound.send(frame(10, 2)));
    assertThat(socket.wire.size()).isEqualTo(4);
    assertThat(outbound.backlog()).isEqualTo(20);
    assertThat(total.held()).as("the buffer of the run, and what is queued").isEqualTo(4_096 + 10);
    lane.on(() -> socket.read(Long.MAX_VALUE));
    assertThat(socket.wire.toByteArray()).isEqualTo(joined(frame(10, 1), frame(10, 2)));
    assertThat(outbound.backlog()).isZero();
    assertThat(total.held()).isZero();
  }

  @Test
  void aBurstToAReaderThatKeepsUpIsNoOverflow() {
    lane.on(() -> {
      for (int i = 0; i < 100; i++) {
        outbound.send(frame(10_000, i));
      }
    });
    assertThat(socket.overflows).isZero();
    assertThat(socket.wire.size()).isEqualTo(1_000_000);
  }

  @Test
  void moreThanTheLimitBehindAFullSocketOverflows() {
    socket.room = 0;
    lane.on(() -> outbound.send(frame(50_000, 1)));
    lane.on(() -> outbound.send(frame(50_000, 2)));
    assertThat(socket.overflows).isZero();
    lane.on(() -> outbound.send(frame(1, 3)));
    assertThat(socket.overflows).isEqualTo(1);
  }

  @Test
  void aBurstLargerThanTheLimitWithAFullSocketOverflowsWithTheNextFrame() {
    socket.room = 0;
    lane.on(() -> {
      for (int i = 0; i < 30; i++) {
        outbound.send(frame(10_000, i));
      }
    });
    assertThat(socket.overflows).isZero();
    lane.on(() -> outbound.send(frame(1, 1)));
    assertThat(socket.overflows).isEqualTo(1);
  }

  @Test
  void roomIsBelowHalfOfTheLimit() {
    AtomicInteger calls = new AtomicInteger();
    socket.room = 0;
    lane.on(() -> outbound.send(frame(49_999, 1)));
    assertThat(outbound.hasRoom()).isTrue();
    lane.on(() -> outbound.send(frame(1, 2)));
    assertThat(outbound.hasRoom()).isFalse();
    lane.on(() -> outbound.whenRoom(calls::incrementAndGet));
    lane.on(() -> socket.read(100));
    assertThat(calls).hasValue(0);
    lane.on(() -> socket.read(Long.MAX_VALUE));
    assertThat(calls).hasValue(1);
    assertThat(outbound.hasRoom()).isTrue();
  }

  @Test
  void whoWaitsForRoomIsNotCalledOnceItEnds() {
    AtomicInteger calls = new AtomicInteger();
    socket.room = 0;
    lane.on(() -> outbound.send(frame(60_000, 1)));
    lane.on(() -> outbound.whenRoom(calls::incrementAndGet));
    lane.on(() -> outbound.finish(frame(4, 9), () -> {}));
    lane.on(() -> socket.read(Long.MAX_VALUE));
    lane.on(() -> outbound.whenRoom(calls::incrementAndGet));
    lane.on(outbound::close);
    assertThat(calls).hasValue(0);
  }

  @Test
  void theLastFrameFollowsTheBegunOneAlone() {
    AtomicInteger ended = new AtomicInteger();
    socket.room = 70_000;
    lane.on(() -> {
      outbound.send(frame(80_000, 1));
      outbound.send(frame(10, 2));
    });
    lane.on(() -> outbound.send(frame(10, 3)));
    lane.on(() -> outbound.finish(frame(4, 9), ended::incrementAndGet));
    lane.on(() -> outbound.send(frame(10, 4)));
    assertThat(ended).hasValue(0);
    lane.on(() -> socket.read(Long.MAX_VALUE));
    assertThat(ended).hasValue(1);
    byte[] wire = socket.wire.toByteArray();
    assertThat(wire).startsWith(frame(80_000, 1)).endsWith(frame(4, 9));
    // The rest of the first frame shared its run with the frame behind it.
    assertThat(wire.length).isBetween(80_004, 80_014);
  }

  @Test
  void whatIsDueButNotBegunIsDroppedByTheLastFrame() {
    lane.on(() -> {
      outbound.send(frame(10, 1));
      outbound.finish(frame(4, 9), () -> {});
    });
    assertThat(socket.wire.toByteArray()).isEqualTo(frame(4, 9));
  }

  @Test
  void theLastFrameIsTheFirstThatWasAskedFor() {
    lane.on(() -> {
      outbound.finish(frame(4, 9), () -> {});
      outbound.finish(frame(4, 8), () -> {});
    });
    assertThat(socket.wire.toByteArray()).isEqualTo(frame(4, 9));
  }

  @Test
  void afterTheSocketIsGoneNothingIsHeld() {
    socket.room = 3;
    lane.on(() -> outbound.send(frame(60_000, 1)));
    assertThat(total.held()).isEqualTo(64 * 1024);
    lane.on(outbound::close);
    lane.on(() -> outbound.send(frame(10, 2)));
    assertThat(total.held()).isZero();
    assertThat(outbound.backlog()).isZero();
    assertThat(socket.wire.size()).isEqualTo(3);
  }

  @Test
  void aFailingWriteBreaksTheSocketOnce() {
    socket.fails = true;
    lane.on(() -> outbound.send(frame(10, 1)));
    assertThat(socket.broken).hasMessage("broken");
    assertThat(outbound.isOpen()).isFalse();
    assertThat(total.held()).isZero();
  }

  @Test
  void aFailingOutstandingWriteBreaksTheSocket() {
    socket.room = 1;
    lane.on(() -> outbound.send(frame(10, 1)));
    lane.on(socket::reset);
    assertThat(socket.broken).hasMessage("reset");
    assertThat(total.held()).isZero();
  }

  @Test
  void aboveTheInstancesTotalTheLargestBacklogGoes() {
    Budget small = Budget.of(BudgetKind.OUTBOUND, 100_000);
    ManualLane tight = new ManualLane(small);
    List<FakeSocket> sockets = new ArrayList<>();
    for (int size : new int[] {3_000, 25_000, 10_000, 12_000}) {
      FakeSocket each = new FakeSocket();
      each.room = 0;
      Outbound one = each.outbound(tight, LIMIT);
      each.onOverflow = one::close;
      sockets.add(each);
      tight.on(() -> one.send(frame(size, 1)));
    }
    assertThat(sockets).extracting(each -> each.overflows).containsExactly(0, 1, 0, 0);
    assertThat(small.held()).isEqualTo(4_096 + 16_384 + 16_384);
  }

  /**
   * Whatever the interleaving: what is on the wire is a prefix of what was sent, then the close.
   */
  @RepeatedTest(200)
  void everyInterleavingPutsTheFramesOnTheWireInOrder(RepetitionInfo repetition) {
    Random random = new Random(repetition.getCurrentRepetition());
    int count = 1 + random.nextInt(6);
    Model[] models = new Model[count];
    for (int i = 0; i < count; i++) {
      models[i] = new Model(lane, random.nextBoolean());
    }
    for (int step = 0; step < 300; step++) {
      int choice = random.nextInt(100);
      if (choice < 45) {
        byte[] broadcast = frame(size(random), random.nextInt());
        lane.enter(() -> {
          for (Model each : models) {
            each.send(broadcast);
          }
        });
      } else if (choice < 60) {
        Model one = models[random.nextInt(count)];
        lane.enter(() -> one.send(frame(size(random), random.nextInt())));
      } else if (choice < 80) {
        Model one = models[random.nextInt(count)];
        long read = random.nextInt(4) == 0 ? Long.MAX_VALUE : random.nextInt(100_000);
        lane.enter(() -> one.socket.read(read));
      } else if (choice < 98) {
        lane.step();
      } else {
        Model one = models[random.nextInt(count)];
        lane.enter(() -> one.end(random.nextInt(3)));
      }
    }
    lane.settle();
    for (Model each : models) {
      lane.on(() -> each.socket.read(Long.MAX_VALUE));
      each.verify();
    }
    assertThat(total.held()).isZero();
  }

  private static final class Model {
    final FakeSocket socket = new FakeSocket();
    final Outbound outbound;
    final List<byte[]> sent = new ArrayList<>();
    boolean finished;
    boolean dead;

    Model(Lane lane, boolean keepsUp) {
      socket.room = keepsUp ? Long.MAX_VALUE : 0;
      outbound = socket.outbound(lane, Long.MAX_VALUE);
    }

    void send(byte[] frame) {
      if (outbound.isOpen()) {
        sent.add(frame);
      }
      outbound.send(frame);
    }

    void end(int how) {
      if (how == 0) {
        dead = true;
        socket.gone();
      } else if (how == 1 && socket.isWriting()) {
        dead = true;
        socket.reset();
      } else if (outbound.isOpen()) {
        finished = true;
        outbound.finish(frame(4, 0xEE), () -> {});
      }
    }

    void verify() {
      byte[] wire = socket.wire.toByteArray();
      byte[] all = joined(sent.toArray(byte[][]::new));
      if (dead) {
        assertThat(startsWith(all, wire) || finished).isTrue();
      } else if (finished) {
        byte[] close = frame(4, 0xEE);
        assertThat(wire).endsWith(close);
        byte[] before = java.util.Arrays.copyOf(wire, wire.length - close.length);
        assertThat(startsWith(all, before)).isTrue();
        assertThat(isWholeFrames(before.length)).as("no frame is cut short").isTrue();
      } else {
        assertThat(wire).isEqualTo(all);
      }
    }

    private boolean isWholeFrames(int length) {
      int sum = 0;
      for (int i = 0; sum < length; i++) {
        sum += sent.get(i).length;
      }
      return sum == length;
    }

    private static boolean startsWith(byte[] all, byte[] prefix) {
      return java.util.Arrays.mismatch(all, prefix) < 0
          || java.util.Arrays.mismatch(all, prefix) == prefix.length;
    }
  }

  private static int size(Random random) {
    return random.nextInt(20) == 0 ? 1 + random.nextInt(200_000) : 2 + random.nextInt(300);
  }

  private static byte[] frame(int length, int seed) {
    byte[] frame = new byte[length];
    new Random(seed).nextBytes(frame);
    return frame;
  }

  private static byte[] joined(byte[]... frames) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] frame : frames) {
      all.writeBytes(frame);
    }
    return all.toByteArray();
  }
}
