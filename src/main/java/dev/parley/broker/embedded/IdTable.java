package dev.parley.broker.embedded;

import dev.parley.broker.embedded.DedupWindow.Accepted;
import org.jspecify.annotations.Nullable;

/**
 * The ids that one room accepted in one period: a hash table with open addressing in arrays of
 * primitives, 40 bytes a slot. Guarded by the room's lock.
 */
final class IdTable {
  /**
   * An id's slot, at the lowest load that growing leaves; 64 bytes of heap were measured for each
   * of a million.
   */
  static final int BYTES_PER_ID = 80;

  private static final int SMALLEST = 4;

  /** Four in a row are a slot: the hash, the offset (0 if the slot is free), the timestamp. */
  private long[] slots = new long[4 * SMALLEST];

  private int[] contentHashes = new int[SMALLEST];
  private @Nullable IdOwner[] owners = new IdOwner[SMALLEST];
  private int size;
  private final IdOwner founder;
  private final long foundingBytes;

  /**
   * @param founder whose id made the table necessary
   * @param foundingBytes what it was charged for that
   */
  IdTable(IdOwner founder, long foundingBytes) {
    this.founder = founder;
    this.foundingBytes = foundingBytes;
  }

  IdOwner founder() {
    return founder;
  }

  long foundingBytes() {
    return foundingBytes;
  }

  /** What it holds at most, in bytes. */
  long bytes() {
    return foundingBytes + (long) size * BYTES_PER_ID;
  }

  @Nullable Accepted find(IdHash id) {
    int slot = slot(id.high(), id.low());
    long offset = slots[4 * slot + 2];
    return offset == 0 ? null : new Accepted(offset, slots[4 * slot + 3], contentHashes[slot]);
  }

  /** Takes in an id that is not here. */
  void add(IdHash id, Accepted accepted, IdOwner owner) {
    if (4 * (size + 1) > 3 * owners.length) {
      grow();
    }
    size++;
    put(
        id.high(),
        id.low(),
        accepted.offset(),
        accepted.timestamp(),
        accepted.contentHash(),
        owner);
  }

  /** Whose ids are here, each as often as it has one; null if a slot is free. */
  @Nullable IdOwner[] owners() {
    return owners;
  }

  private void grow() {
    long[] from = slots;
    int[] hashes = contentHashes;
    @Nullable IdOwner[] of = owners;
    int capacity = of.length + of.length / 2;
    slots = new long[4 * capacity];
    contentHashes = new int[capacity];
    owners = new IdOwner[capacity];
    for (int i = 0; i < of.length; i++) {
      IdOwner owner = of[i];
      if (owner != null) {
        int at = 4 * i;
        put(from[at], from[at + 1], from[at + 2], from[at + 3], hashes[i], owner);
      }
    }
  }

  private void put(
      long high, long low, long offset, long timestamp, int contentHash, IdOwner owner) {
    int slot = slot(high, low);
    int at = 4 * slot;
    slots[at] = high;
    slots[at + 1] = low;
    slots[at + 2] = offset;
    slots[at + 3] = timestamp;
    contentHashes[slot] = contentHash;
    owners[slot] = owner;
  }

  /** The slot that has this hash, or the free one that it belongs into. */
  private int slot(long high, long low) {
    int slot = (int) Math.unsignedMultiplyHigh(high, owners.length);
    while (slots[4 * slot + 2] != 0 && (slots[4 * slot] != high || slots[4 * slot + 1] != low)) {
      slot++;
      if (slot == owners.length) {
        slot = 0;
      }
    }
    return slot;
  }
}
