package dev.parley.room;

import dev.parley.broker.Entry;
import dev.parley.broker.LogPage;
import dev.parley.broker.Outcome;
import dev.parley.broker.RoomChannel;
import dev.parley.protocol.ClientFrame;
import dev.parley.protocol.Content.Form;
import dev.parley.protocol.MessageFrames;
import dev.parley.protocol.RoomName;
import dev.parley.protocol.ServerFrame;
import java.util.ArrayDeque;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongPredicate;

/**
 * Answers one {@code history} request, on the room's home lane. A page ends at 256 KiB: forwards it
 * is cut at its newer end, backwards at its older one, so that paging in either direction leaves
 * nothing out.
 */
final class HistoryReader {
  /**
   * Backwards the log is read in steps that no page of usual messages exceeds, whatever limit was
   * asked for.
   */
  private static final int STEP = 64;

  /** A page of the log needs no more than an answer can have. */
  private static final int PAGE_BYTES = ServerFrame.History.MAX_BYTES;

  /** What a request holds while it is answered: the page, what was taken from it, and the frame. */
  static final long BYTES = 3L * PAGE_BYTES;

  private final RoomName room;
  private final ClientFrame.History request;
  private final RoomChannel channel;
  private final Consumer<ServerFrame> answer;
  private final byte[] prefix;
  private final LongPredicate deleted;
  private final ArrayDeque<Message> messages = new ArrayDeque<>();
  private long bytes;

  /** Messages were deleted: as many as are wanted may be further away than their number. */
  private boolean skips;

  private record Message(long offset, byte[] json) {}

  /**
   * @param deleted whether the message at an offset is known to be deleted by now: pages are read
   *     one after the other, and a deletion may come between
   */
  HistoryReader(
      ClientFrame.History request,
      RoomChannel channel,
      LongPredicate deleted,
      Consumer<ServerFrame> answer) {
    this.room = request.room();
    this.request = request;
    this.channel = channel;
    this.deleted = deleted;
    this.answer = answer;
    prefix = MessageFrames.prefix(room);
  }

  void read() {
    if (request.after() >= 0) {
      read(request.after() + 1, request.limit(), this::forwards);
    } else if (request.before() > 0) {
      stepBackTo(request.before() - 1, 1);
    } else {
      // The head is not known here if the room is not open: a page of one tells it.
      read(1, 1, page -> stepBackTo(page.head(), page.oldest()));
    }
  }

  private void forwards(LogPage page) {
    List<Entry> entries = page.entries();
    int taken = 0;
    while (taken < entries.size() && fits(page.first() + taken, entries.get(taken), false)) {
      taken++;
    }
    long next = page.first() + taken;
    boolean more = next <= page.head() && !entries.isEmpty();
    if (more && taken == entries.size() && messages.size() < request.limit()) {
      // Some were deleted: a page that ended here might be empty, with nowhere to go on from.
      read(next, request.limit() - messages.size(), this::forwards);
    } else {
      finish(page, more);
    }
  }

  private void stepBackTo(long newest, long oldest) {
    int step = skips ? STEP : Math.min(STEP, request.limit() - messages.size());
    long from = Math.max(oldest, newest - step + 1);
    readBack(Math.max(1, from), newest);
  }

  private void readBack(long from, long newest) {
    read(from, (int) Math.max(1, newest - from + 1), page -> backwards(page, from, newest));
  }

  private void backwards(LogPage page, long from, long wanted) {
    long newest = Math.min(wanted, page.head());
    List<Entry> entries = page.entries();
    long last = page.first() + entries.size() - 1;
    if (newest < page.oldest()) {
      finish(page, false);
      return;
    }
    if (entries.isEmpty() || last < newest) {
      // Cut by bytes before the end that is wanted first: begin nearer to it.
      readBack(
          entries.isEmpty()
              ? Math.max(page.oldest(), newest - STEP + 1)
              : newest - Math.min((newest - from) / 2, likelyToFit(entries) - 1),
          newest);
      return;
    }
    long offset = newest;
    while (offset >= page.first() && messages.size() < request.limit()) {
      if (!fits(offset, entries.get((int) (offset - page.first())), true)) {
        finish(page, true);
        return;
      }
      offset--;
    }
    if (messages.size() < request.limit() && offset >= page.oldest()) {
      stepBackTo(offset, page.oldest());
    } else {
      finish(page, offset >= page.oldest());
    }
  }

  /** How many messages of this size a page has. */
  private static long likelyToFit(List<Entry> entries) {
    long bytes = 1;
    for (Entry entry : entries) {
      bytes += entry.tail().length;
    }
    return Math.max(1, PAGE_BYTES * (long) entries.size() / bytes);
  }

  /** Takes the message into the answer, deleted ones as nothing; false if it is full. */
  private boolean fits(long offset, Entry entry, boolean older) {
    if (entry.isDeleted() || deleted.test(offset)) {
      skips = true;
      return true;
    }
    byte[] message =
        entry.form() == Form.JSON
            ? MessageFrames.jsonObject(prefix, offset, entry.tail())
            : MessageFrames.binaryAsJsonObject(prefix, offset, entry.tail(), entry.timestamp());
    if (!messages.isEmpty() && bytes + message.length > ServerFrame.History.MAX_BYTES) {
      return false;
    }
    bytes += message.length;
    if (older) {
      messages.addFirst(new Message(offset, message));
    } else {
      messages.addLast(new Message(offset, message));
    }
    return true;
  }

  private void read(long from, int limit, Consumer<LogPage> next) {
    channel.read(
        from,
        limit,
        PAGE_BYTES,
        outcome -> {
          switch (outcome) {
            case LogPage page -> next.accept(page);
            case Outcome.Refused<LogPage> refused ->
                answer.accept(
                    new ServerFrame.Failure(
                        request.ref(), null, room, refused.code(), null, refused.retryAfterMs()));
          }
        });
  }

  private void finish(LogPage page, boolean more) {
    List<byte[]> left =
        messages.stream()
            .filter(message -> !deleted.test(message.offset()))
            .map(Message::json)
            .toList();
    answer.accept(new ServerFrame.History(request.ref(), room, page.epoch(), left, more));
  }
}
