package dev.parley.room;

import dev.parley.broker.Entry;
import dev.parley.broker.HistoryPage;
import dev.parley.broker.Outcome;
import dev.parley.broker.RoomChannel;
import dev.parley.protocol.ClientFrame;
import dev.parley.protocol.Content.Form;
import dev.parley.protocol.Epoch;
import dev.parley.protocol.MessageFrames;
import dev.parley.protocol.Position;
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
  /** A page of the log needs no more than an answer can have. */
  private static final int PAGE_BYTES = ServerFrame.History.MAX_BYTES;

  /** What a request holds while it is answered: the page, what was taken from it, and the frame. */
  static final long BYTES = 3L * PAGE_BYTES;

  /** An answer with so many bytes is not worth another read, which may fit no more. */
  private static final int ENOUGH_BYTES = PAGE_BYTES / 2;

  private final RoomName room;
  private final ClientFrame.History request;
  private final boolean older;
  private final RoomChannel channel;
  private final Consumer<ServerFrame> answer;
  private final byte[] prefix;
  private final LongPredicate deleted;
  private final ArrayDeque<Message> messages = new ArrayDeque<>();
  private long bytes;

  private record Message(long offset, byte[] json) {}

  /**
   * @param deleted whether the message at an offset is known to be deleted by now: a deletion may
   *     come between the read and the answer
   */
  HistoryReader(
      ClientFrame.History request,
      RoomChannel channel,
      LongPredicate deleted,
      Consumer<ServerFrame> answer) {
    this.room = request.room();
    this.request = request;
    this.older = request.after() < 0;
    this.channel = channel;
    this.deleted = deleted;
    this.answer = answer;
    prefix = MessageFrames.prefix(room);
  }

  void read() {
    if (older) {
      read(request.before() > 0 ? request.before() - 1 : Position.MAX_OFFSET);
    } else {
      read(request.after() + 1);
    }
  }

  private void read(long from) {
    channel.history(
        from,
        older,
        request.limit() - messages.size(),
        PAGE_BYTES,
        outcome -> {
          switch (outcome) {
            case HistoryPage page -> take(page, from);
            case Outcome.Refused<HistoryPage> refused ->
                answer.accept(
                    new ServerFrame.Failure(
                        request.ref(), null, room, refused.code(), null, refused.retryAfterMs()));
          }
        });
  }

  private void take(HistoryPage page, long from) {
    long next = from;
    for (HistoryPage.Message message : page.messages()) {
      if (!deleted.test(message.offset()) && !fits(message.offset(), message.entry())) {
        finish(page.epoch(), true);
        return;
      }
      next = message.offset() + (older ? -1 : 1);
    }
    // A page is short while many rooms are read, or if some of it was deleted meanwhile.
    if (page.more() && messages.size() < request.limit() && bytes < ENOUGH_BYTES) {
      read(next);
    } else {
      finish(page.epoch(), page.more());
    }
  }

  /** Takes the message into the answer; false if it is full. */
  private boolean fits(long offset, Entry entry) {
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

  private void finish(Epoch epoch, boolean more) {
    List<byte[]> left =
        messages.stream()
            .filter(message -> !deleted.test(message.offset()))
            .map(Message::json)
            .toList();
    answer.accept(new ServerFrame.History(request.ref(), room, epoch, left, more));
  }
}
