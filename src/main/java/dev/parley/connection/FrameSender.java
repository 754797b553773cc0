package dev.parley.connection;

import dev.parley.access.Identity;
import dev.parley.broker.Outcome;
import dev.parley.broker.Outcome.Accepted;
import dev.parley.protocol.ClientFrame;
import dev.parley.protocol.ErrorCode;
import dev.parley.protocol.RoomName;
import dev.parley.protocol.ServerFrame;
import dev.parley.protocol.ServerFrames;
import dev.parley.room.Participant;
import dev.parley.room.ProtocolMode;
import dev.parley.room.PublishAnswer;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Sends frames to one client, in its protocol mode: in plain mode only failures and answers to
 * frames that have a {@code ref}. Called on the connection's lane.
 */
final class FrameSender {
  private final Participant client;

  FrameSender(Participant client) {
    this.client = client;
  }

  /** Greets a client in full mode, and tells it the limits that it is held to. */
  void welcome(ConnectionSettings settings, FrameSettings frames) {
    if (client.mode() == ProtocolMode.FULL) {
      Identity identity = client.identity();
      Instant expiry = identity.expiresAt();
      send(
          new ServerFrame.Welcome(
              Long.toString(client.id(), Character.MAX_RADIX),
              identity.user(),
              client.displayName(),
              settings.heartbeat().toMillis(),
              expiry == null ? null : expiry.toEpochMilli(),
              settings.maxMessageBytes(),
              frames.maxRooms(),
              frames.messagesPerSecond()));
    }
  }

  /** Sends the frame, whatever the mode. */
  void send(ServerFrame frame) {
    client.outbound().send(ServerFrames.encode(frame));
  }

  /** Sends a frame that only clients in full mode expect. */
  void announce(ServerFrame frame) {
    answer(null, frame);
  }

  /**
   * Sends the answer to a frame of the client.
   *
   * @param ref of the client's frame; null if it has none
   */
  void answer(@Nullable String ref, ServerFrame frame) {
    if (ref != null || client.mode() == ProtocolMode.FULL || frame instanceof ServerFrame.Failure) {
      send(frame);
    }
  }

  /** Tells the sender of a message what has become of it, if it wants to know or must. */
  void published(ClientFrame.Message message, Outcome<Accepted> outcome) {
    if (message.ref() != null
        || (message.id() != null && client.mode() == ProtocolMode.FULL)
        || outcome instanceof Outcome.Refused) {
      send(PublishAnswer.of(message, outcome));
    }
  }

  /** Tells the client why its frame has no effect. */
  void fail(ClientFrame frame, ErrorCode code, @Nullable String path, @Nullable Long retryAfterMs) {
    send(new ServerFrame.Failure(frame.ref(), frame.id(), frame.room(), code, path, retryAfterMs));
  }

  /** Tells the client that it has left the room without having asked for it. */
  void left(RoomName room, String reason) {
    announce(new ServerFrame.Left(null, room, reason));
  }
}
