package dev.parley.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class FrameQueueTests {
  private final FrameQueue queue = new FrameQueue();

  @Test
  void aRunIsAsManyWholeFramesAsFit() {
    add(10, 20, 30);
    assertThat(queue.nextBatchBytes(60)).isEqualTo(60);
    assertThat(queue.nextBatchBytes(59)).isEqualTo(30);
    assertThat(queue.nextBatchBytes(30)).isEqualTo(30);
    assertThat(queue.nextBatchBytes(29)).isEqualTo(10);
  }

  @Test
  void aFrameThatDoesNotFitIsCutIntoPieces() {
    add(25, 5);
    assertThat(queue.nextBatchBytes(10)).isEqualTo(10);
    assertThat(queue.remove(10)).isZero();
    assertThat(queue.offset()).isEqualTo(10);
    assertThat(queue.bytes()).isEqualTo(20);
    assertThat(queue.remove(10)).isZero();
    assertThat(queue.nextBatchBytes(10)).isEqualTo(10);
    assertThat(queue.remove(10)).isEqualTo(2);
    assertThat(queue.isEmpty()).isTrue();
    assertThat(queue.bytes()).isZero();
  }

  @Test
  void aFrameEndsWhereItsLastByteIsTaken() {
    add(4, 4, 4);
    assertThat(queue.remove(3)).isZero();
    assertThat(queue.remove(1)).isEqualTo(1);
    assertThat(queue.offset()).isZero();
    assertThat(queue.remove(6)).isEqualTo(1);
    assertThat(queue.offset()).isEqualTo(2);
    assertThat(queue.size()).isEqualTo(1);
  }

  @Test
  void onlyTheBegunFrameOutlivesADrop() {
    add(10, 20, 30);
    queue.remove(12);
    queue.dropUnbegun();
    assertThat(queue.size()).isEqualTo(1);
    assertThat(queue.get(0)).hasSize(20);
    assertThat(queue.offset()).isEqualTo(2);
    assertThat(queue.bytes()).isEqualTo(18);
  }

  @Test
  void nothingOutlivesADropWhereNoFrameWasBegun() {
    add(10, 20);
    queue.remove(10);
    queue.dropUnbegun();
    assertThat(queue.isEmpty()).isTrue();
    assertThat(queue.bytes()).isZero();
  }

  @Test
  void orderOutlivesAnyNumberOfAdditionsAndRemovals() {
    int next = 0;
    int expected = 0;
    for (int round = 0; round < 500; round++) {
      for (int i = 0; i < round % 37; i++) {
        queue.add(new byte[] {(byte) (next >>> 8), (byte) next++});
      }
      for (int i = 0; i < round % 35 && !queue.isEmpty(); i++) {
        byte[] frame = queue.get(0);
        assertThat((frame[0] & 0xFF) << 8 | (frame[1] & 0xFF)).isEqualTo(expected++ & 0xFFFF);
        queue.remove(2);
      }
    }
    assertThat(queue.size()).isEqualTo(next - expected);
    assertThat(queue.bytes()).isEqualTo(2L * (next - expected));
  }

  private void add(int... lengths) {
    for (int length : lengths) {
      queue.add(new byte[length]);
    }
  }
}
