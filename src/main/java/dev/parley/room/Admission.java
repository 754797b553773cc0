package dev.parley.room;

import dev.parley.protocol.Epoch;
import org.jspecify.annotations.Nullable;

/**
 * What a room's home lane decided about a join.
 *
 * @param offset of the last message before live
 * @param from the last offset that needs no replay; {@code offset} if nothing is to be replayed
 * @param known whether the position that the participant gave can be continued; false if it gave
 *     one that cannot
 * @param members distinct users in the room
 * @param reads read marks; null where receipts are off or the broker does not tell
 */
record Admission(
    Joining joining,
    Epoch epoch,
    long offset,
    long from,
    boolean known,
    int members,
    @Nullable JoinReads reads) {}
