package dev.parley.broker.redis;

import dev.parley.broker.Deletion;
import dev.parley.broker.Entry;
import dev.parley.broker.Head;
import dev.parley.broker.HistoryPage;
import dev.parley.broker.LogPage;
import dev.parley.broker.Outcome;
import dev.parley.protocol.Epoch;
import dev.parley.protocol.Position;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads what the scripts of a room answer. */
final class Replies {
  /** How many parts of a page's answer precede its entries. */
  static final int PAGE_HEADER = 4;

  private Replies() {}

  static Head head(List<Object> reply) {
    ByteBuffer ends = ByteBuffer.wrap((byte[]) reply.get(2));
    List<Position> lineage = new ArrayList<>();
    while (ends.hasRemaining()) {
      lineage.add(new Position(Epoch.read(ends), ends.getLong()));
    }
    return new Head(
        epoch(reply),
        (Long) reply.get(1),
        List.copyOf(lineage),
        (int) (long) (Long) reply.get(3),
        (Long) reply.get(4),
        (Long) reply.get(5) == 1,
        reply.subList(6, reply.size()).stream().map(offset -> (Long) offset).toList());
  }

  private static Epoch epoch(List<Object> reply) {
    return Epoch.read(ByteBuffer.wrap((byte[]) reply.getFirst()));
  }

  static Outcome<LogPage> page(@Nullable List<Object> reply) {
    if (reply == null) {
      return Outcome.unavailable();
    }
    List<Entry> entries = new ArrayList<>(reply.size() - PAGE_HEADER);
    try {
      for (Object entry : reply.subList(PAGE_HEADER, reply.size())) {
        byte[] bytes = (byte[]) entry;
        entries.add(bytes.length == 0 ? Entry.DELETED : Payload.entry(bytes));
      }
    } catch (RuntimeException unknownForm) {
      // Whoever waits for the page must have an answer; a later version may have written it.
      return Outcome.unavailable();
    }
    return new LogPage(
        epoch(reply), (Long) reply.get(1), (Long) reply.get(2), (Long) reply.get(3), entries);
  }

  static Outcome<HistoryPage> historyPage(@Nullable List<Object> reply) {
    if (reply == null) {
      return Outcome.unavailable();
    }
    ByteBuffer offsets = ByteBuffer.wrap((byte[]) reply.get(2));
    List<HistoryPage.Message> messages = new ArrayList<>(reply.size() - PAGE_HEADER);
    try {
      for (Object entry : reply.subList(PAGE_HEADER, reply.size())) {
        messages.add(new HistoryPage.Message(offsets.getLong(), Payload.entry((byte[]) entry)));
      }
    } catch (RuntimeException unknownForm) {
      // As for a page of the log.
      return Outcome.unavailable();
    }
    return new HistoryPage(epoch(reply), messages, (Long) reply.get(1) == 1);
  }

  static Outcome<Deletion> deletion(@Nullable List<Object> reply) {
    if (reply == null) {
      return Outcome.unconfirmed();
    }
    return (Long) reply.get(1) == 1 ? Deletion.DELETED : Deletion.ABSENT;
  }
}
