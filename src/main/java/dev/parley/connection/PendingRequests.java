package dev.parley.connection;

import dev.parley.access.MessageRateLimiter;
import dev.parley.broker.Outcome;
import dev.parley.broker.Outcome.Accepted;
import dev.parley.protocol.ClientFrame;
import dev.parley.protocol.Content.Form;
import dev.parley.protocol.ErrorCode;
import dev.parley.protocol.ServerFrame;
import dev.parley.room.Membership;
import dev.parley.room.Participant;
import dev.parley.room.Rooms;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The publishes and the requests for histories, marks and counts of one connection that the rooms
 * have not answered yet. Each counts as unanswered in the connection's intake until its answer is
 * sent. Owned by the connection's lane.
 */
final class PendingRequests {
  /** Histories, lists of marks and counts that are being read: each may be 256 KiB. */
  private static final int MAX_INQUIRIES = 3;

  private final Connection connection;
  private final Rooms rooms;
  private final FrameSender sender;
  private final MessageRateLimiter rate;
  private int inquiries;

  /**
   * @param rate what large histories and counts of many rooms are charged to
   */
  PendingRequests(Connection connection, Rooms rooms, FrameSender sender, MessageRateLimiter rate) {
    this.connection = connection;
    this.rooms = rooms;
    this.sender = sender;
    this.rate = rate;
  }

  /** Whether so much is being read that no other frame may be taken. */
  boolean isFull() {
    return inquiries >= MAX_INQUIRIES;
  }

  /**
   * @param bytes of the frame
   */
  @Nullable ErrorCode publish(
      Participant client, @Nullable Membership membership, ClientFrame.Message message, int bytes) {
    connection.settings().metrics().message(message.content().form() == Form.BINARY);
    connection.unanswered(bytes);
    // The answer may take seconds, and needs no content.
    ClientFrame.Message asked = message.withoutContent();
    ErrorCode refused =
        rooms.publish(client, membership, message, outcome -> published(asked, outcome, bytes));
    if (refused != null) {
      connection.answered(bytes);
    }
    return refused;
  }

  private void published(ClientFrame.Message message, Outcome<Accepted> outcome, int bytes) {
    if (!connection.isClosing()) {
      sender.published(message, outcome);
    }
    connection.answered(bytes);
  }

  @Nullable ErrorCode history(
      Participant client, @Nullable Membership membership, ClientFrame.History history) {
    return inquire(
        history.ref(),
        answer ->
            rooms.history(
                client,
                membership,
                history,
                frame -> {
                  if (frame instanceof ServerFrame.History read) {
                    rate.charge(read.charge(), System.nanoTime());
                  }
                  answer.accept(frame);
                }));
  }

  @Nullable ErrorCode reads(
      Participant client, @Nullable Membership membership, ClientFrame.Reads reads) {
    return inquire(reads.ref(), answer -> rooms.receipts().list(client, membership, reads, answer));
  }

  @Nullable ErrorCode unread(Participant client, ClientFrame.Unread unread) {
    rate.charge(unread.charge(), System.nanoTime());
    return inquire(
        unread.ref(),
        answer -> {
          rooms.receipts().unread(client, unread, answer);
          return null;
        });
  }

  /** Asks for something that takes a while to be answered. */
  private @Nullable ErrorCode inquire(
      @Nullable String ref, Function<Consumer<ServerFrame>, @Nullable ErrorCode> question) {
    connection.unanswered(0);
    inquiries++;
    ErrorCode refused =
        question.apply(frame -> {
          sender.answer(ref, frame);
          answered();
        });
    if (refused != null) {
      answered();
    }
    return refused;
  }

  private void answered() {
    inquiries--;
    connection.answered(0);
  }
}
