package dev.parley.room;

import dev.parley.protocol.ReadMark;
import dev.parley.protocol.UserId;
import java.util.ArrayList;
import java.util.List;

/**
 * The read marks that somebody who joins is told.
 *
 * @param own offset of the user's mark, 0 where there is none
 * @param newest marks of the room
 */
record JoinReads(long own, List<ReadMark> newest) {

  /** All of them, the user's own first. */
  List<ReadMark> all(UserId user) {
    List<ReadMark> all = new ArrayList<>(newest.size() + 1);
    if (own > 0) {
      all.add(new ReadMark(user, own));
    }
    newest.stream().filter(mark -> !mark.user().equals(user)).forEach(all::add);
    return all;
  }

  /** How many messages up to this offset the user has not read. */
  long unread(long offset) {
    return Math.max(0, offset - own);
  }
}
