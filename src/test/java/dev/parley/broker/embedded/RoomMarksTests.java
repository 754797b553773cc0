package dev.parley.broker.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.broker.ReadMarks;
import dev.parley.protocol.ReadMark;
import dev.parley.protocol.UserId;
import java.util.List;
import org.junit.jupiter.api.Test;

class RoomMarksTests {
  private final RoomMarks marks = new RoomMarks();

  private static ReadMark mark(String user, long offset) {
    return new ReadMark(new UserId(user), offset);
  }

  @Test
  void marksThatAreFurthestBehindAreDroppedBeyondTheLimit() {
    for (int i = 0; i < ReadMarks.MOST_KEPT; i++) {
      marks.move(List.of(mark("u" + i, i + 10)), 1_000_000);
    }
    long full = marks.bytes();
    marks.move(List.of(mark("v0", 999_999)), 1_000_000);

    assertThat(marks.bytes()).isEqualTo(full);
    assertThat(marks.offset(new UserId("u0"))).isZero();
    assertThat(marks.offset(new UserId("u1"))).isEqualTo(11);
    assertThat(marks.newest(null, 1)).containsExactly(mark("v0", 999_999));
  }

  @Test
  void bytesGrowWithUsersAndNotWithMoves() {
    marks.move(List.of(mark("ann", 1)), 10);
    long one = marks.bytes();
    assertThat(one).isPositive();
    marks.move(List.of(mark("ann", 2)), 10);
    marks.move(List.of(mark("ann", 3)), 10);
    assertThat(marks.bytes()).isEqualTo(one);
    assertThat(marks.newest(null, 9)).containsExactly(mark("ann", 3));
  }
}
