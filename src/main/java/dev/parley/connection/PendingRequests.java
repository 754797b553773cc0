package dev.parley.connection;

import dev.parley.broker.Outcome;
import dev.parley.broker.Outcome.Accepted;
import dev.parley.protocol.ClientFrame;
import dev.parley.protocol.Content.Form;
import dev.parley.protocol.ErrorCode;
import dev.parley.room.Membership;
import dev.parley.room.Participant;
import dev.parley.room.Rooms;
import org.jspecify.annotations.Nullable;

/**
 * The publishes and reads of history of one connection that the rooms have not answered yet. Each
 * counts as unanswered in the connection's intake until its answer is sent. Owned by the
 * connection's lane.
 */
final class PendingRequests {
  /** Histories that are being read: each may be 256 KiB. */
  private static final int MAX_HISTORIES = 3;

  private final Connection connection;
  private final Rooms rooms;
  private final FrameSender sender;
  private int histories;

  PendingRequests(Connection connection, Rooms rooms, FrameSender sender) {
    this.connection = connection;
    this.rooms = rooms;
    this.sender = sender;
  }

  /** Whether so much is being read that no other frame may be taken. */
  boolean isFull() {
    return histories >= MAX_HISTORIES;
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
    connection.unanswered(0);
    histories++;
    ErrorCode refused =
        rooms.history(
            client,
            membership,
            history,
            frame -> {
              sender.answer(history.ref(), frame);
              historyDone();
            });
    if (refused != null) {
      historyDone();
    }
    return refused;
  }

  private void historyDone() {
    histories--;
    connection.answered(0);
  }
}
