package dev.parley.room;

import dev.parley.broker.Entry;
import dev.parley.broker.LogPage;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/**
 * The messages of a room that are known to be deleted, the newest thousand of them. What was read
 * or held before the deletion may come by after it: here it loses its content. Owned by the room's
 * home lane.
 */
final class Deletions {
  private static final int MOST = 1_000;

  private final TreeSet<Long> offsets = new TreeSet<>();

  /** False if it is known already. */
  boolean add(long offset) {
    boolean added = offsets.add(offset);
    if (offsets.size() > MOST) {
      offsets.pollFirst();
    }
    return added;
  }

  /** What the broker knows takes the place of all; those of it that were not known, ascending. */
  List<Long> replace(List<Long> now) {
    List<Long> added = now.stream().filter(each -> !offsets.contains(each)).sorted().toList();
    offsets.clear();
    offsets.addAll(now);
    return added;
  }

  boolean contains(long offset) {
    return offsets.contains(offset);
  }

  Entry mask(long offset, Entry entry) {
    return !offsets.isEmpty() && offsets.contains(offset) ? Entry.DELETED : entry;
  }

  /** The page without what was deleted while it was read. */
  LogPage mask(LogPage page) {
    if (offsets.subSet(page.first(), page.first() + page.entries().size()).isEmpty()) {
      return page;
    }
    List<Entry> entries = new ArrayList<>(page.entries());
    for (int i = 0; i < entries.size(); i++) {
      entries.set(i, mask(page.first() + i, entries.get(i)));
    }
    return new LogPage(page.epoch(), page.head(), page.oldest(), page.first(), entries);
  }
}
