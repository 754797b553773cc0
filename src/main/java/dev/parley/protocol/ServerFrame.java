package dev.parley.protocol;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A frame to a client, except {@code message} and {@code signal}, whose bytes are put together by
 * {@link MessageFrames} (docs/PROTOCOL.md, "Server → client"). Timestamps are Unix milliseconds.
 */
public sealed interface ServerFrame {

  /**
   * @param expiresAt null if the identity does not expire
   * @param messagesPerSecond 0 if the rate is not limited
   */
  record Welcome(
      String connection,
      UserId user,
      String username,
      long heartbeatMs,
      @Nullable Long expiresAt,
      long messageBytes,
      int rooms,
      int messagesPerSecond)
      implements ServerFrame {
    public static final int PROTOCOL = 1;
  }

  /**
   * @param offset position of the last message before live
   * @param replay how many frames follow before live
   * @param recovered null if the join had no {@code since}
   */
  record Joined(
      @Nullable String ref,
      RoomName room,
      Epoch epoch,
      long offset,
      long replay,
      @Nullable Boolean recovered,
      int members)
      implements ServerFrame {}

  /**
   * @param reason null if the client asked for it, else {@link #REMOVED} or {@link #CLOSED}
   */
  record Left(@Nullable String ref, RoomName room, @Nullable String reason) implements ServerFrame {
    /** An operator took the user out. */
    public static final String REMOVED = "removed";

    /** The room was closed, or let its members down. */
    public static final String CLOSED = "closed";
  }

  record UserJoined(RoomName room, UserId user, String username, long timestamp, long version)
      implements ServerFrame {}

  record UserLeft(RoomName room, UserId user, String username, long timestamp, long version)
      implements ServerFrame {}

  record Members(RoomName room, int count, long version) implements ServerFrame {}

  record Typing(RoomName room, UserId user, String username, boolean active)
      implements ServerFrame {}

  record Ack(
      @Nullable String ref,
      @Nullable String id,
      RoomName room,
      long offset,
      Epoch epoch,
      long timestamp,
      boolean duplicate)
      implements ServerFrame {}

  /**
   * @param messages whole message frames without their header, JSON in UTF-8, ascending
   */
  record History(
      @Nullable String ref, RoomName room, Epoch epoch, List<byte[]> messages, boolean more)
      implements ServerFrame {
    /** A page ends at this many bytes of messages, or after one message. */
    public static final int MAX_BYTES = 256 * 1024;
  }

  /**
   * @param reason {@code slow} or {@code history}
   */
  record Gap(RoomName room, long from, long to, String reason) implements ServerFrame {}

  record EpochChanged(RoomName room, Epoch epoch, long offset, boolean recovered)
      implements ServerFrame {}

  record Deleted(RoomName room, long offset) implements ServerFrame {}

  record Status(boolean publishing, @Nullable String reason) implements ServerFrame {}

  record Pong(@Nullable String ref, long timestamp) implements ServerFrame {}

  record Reconnect(long afterMs, String reason) implements ServerFrame {}

  record Failure(
      @Nullable String ref,
      @Nullable String id,
      @Nullable RoomName room,
      ErrorCode code,
      @Nullable String path,
      @Nullable Long retryAfterMs)
      implements ServerFrame {}
}
