package dev.parley.broker.embedded;

import dev.parley.budget.Budget;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Bounds the ids that all rooms of the embedded broker remember. To evict one would break the
 * promise that its message is in the room once, so new ones are refused: above three quarters of
 * the budget of the logs, and if their user would hold more than is still free for everybody. So
 * one user alone gets half of it, ten who want all they can get an eleventh each, and who sends
 * little is not refused on account of them. Its monitor guards it and its owners.
 */
final class IdMemory {
  /** A user with its entry here, beside the characters of its name. */
  private static final int OWNER_BYTES = 200;

  private final Budget budget;
  private final long limit;
  private final Map<String, IdOwner> owners = new HashMap<>();
  private long held;

  IdMemory(Budget budget) {
    this.budget = budget;
    this.limit = budget.limit() / 4 * 3;
  }

  /** Takes bytes for an id of this account; null, and counted as a refusal, if there are none. */
  synchronized @Nullable IdOwner take(String account, long bytes) {
    IdOwner known = owners.get(account);
    IdOwner owner = known == null ? new IdOwner(account) : known;
    if (owner.held + bytes > limit - held - bytes) {
      budget.refused();
      return null;
    }
    if (known == null) {
      owners.put(account, owner);
      count(OWNER_BYTES + account.length());
    }
    owner.held += bytes;
    held += bytes;
    return owner;
  }

  /** Gives back what was taken for all ids of a table. */
  synchronized void give(IdTable table) {
    for (IdOwner owner : table.owners()) {
      if (owner != null) {
        give(owner, IdTable.BYTES_PER_ID);
      }
    }
    give(table.founder(), table.foundingBytes());
  }

  private void give(IdOwner owner, long bytes) {
    owner.held -= bytes;
    held -= bytes;
    if (owner.held == 0) {
      owners.remove(owner.name);
      count(-OWNER_BYTES - owner.name.length());
    }
  }

  /** The ids themselves are counted by their rooms. */
  private void count(long difference) {
    held += difference;
    budget.add(difference);
  }
}
