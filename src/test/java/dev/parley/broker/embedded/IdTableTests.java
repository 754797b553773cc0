package dev.parley.broker.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.broker.Entry.Dedup;
import dev.parley.broker.embedded.DedupWindow.Accepted;
import dev.parley.protocol.UserId;
import org.junit.jupiter.api.Test;

class IdTableTests {
  private static final UserId ANN = new UserId("ann");

  /** The reference implementation's vectors for messages of no byte and of the bytes 0 and 1. */
  @Test
  void hashIsThatOfTheReference() {
    IdHash empty = new IdHash(0x0706050403020100L, 0x0f0e0d0c0b0a0908L);
    assertThat(Long.reverseBytes(empty.high())).isEqualTo(0xa3817f04ba25a8e6L);
    assertThat(Long.reverseBytes(empty.low())).isEqualTo(0x6df67214c7550293L);

    IdHash two = new IdHash(0x0706050403020100L, 0x0f0e0d0c0b0a0908L, "\u0100");
    assertThat(Long.reverseBytes(two.high())).isEqualTo(0x8177228da4a45dc7L);
    assertThat(Long.reverseBytes(two.low())).isEqualTo(0xfca38bdef60affe4L);
  }

  @Test
  void sameTextInOtherPartsIsAnotherId() {
    IdHash one = IdHash.of(new Dedup(new UserId("ann1"), "23", 0));
    IdHash other = IdHash.of(new Dedup(new UserId("ann"), "123", 0));
    assertThat(one.high()).isNotEqualTo(other.high());
  }

  @Test
  void everyIdIsFoundAgainAndNoOther() {
    IdTable table = new IdTable(new IdOwner("ann"), 0);
    for (int i = 1; i <= 20_000; i++) {
      assertThat(table.find(id(i))).isNull();
      table.add(id(i), new Accepted(i, 2L * i, 3 * i), new IdOwner("ann"));
    }
    for (int i = 1; i <= 20_000; i++) {
      assertThat(table.find(id(i))).isEqualTo(new Accepted(i, 2L * i, 3 * i));
    }
    assertThat(table.find(id(20_001))).isNull();
  }

  /** What is counted for an id is enough, however many there are. */
  @Test
  void slotsAreNeverMoreThanIsCountedForTheIds() {
    IdTable table = new IdTable(new IdOwner("ann"), 0);
    for (int i = 1; i <= 5_000; i++) {
      table.add(id(i), new Accepted(i, i, i), new IdOwner("ann"));
      if (i > 3) {
        assertThat(40L * table.owners().length).isLessThanOrEqualTo(table.bytes());
      }
    }
  }

  private static IdHash id(int number) {
    return IdHash.of(new Dedup(ANN, "id" + number, 0));
  }
}
