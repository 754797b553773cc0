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
   * @param reads read marks, the member's own first; null if receipts are off
   * @param unread how many messages are above its own mark; null if receipts are off
   */
  record Joined(
      @Nullable String ref,
      RoomName room,
      Epoch epoch,
      long offset,
      long replay,
      @Nullable Boolean recovered,
      int members,
      @Nullable List<ReadMark> reads,
      @Nullable Long unread)
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

  /** Read marks that moved, the furthest first. */
  record Read(RoomName room, List<ReadMark> marks) implements ServerFrame {
    public static final int MAX_MARKS = 50;
  }

  /**
   * A page of the room's read marks, the furthest first.
   *
   * @param epoch null where there is no such room
   * @param next where the next page begins; null where this is the last
   */
  record Reads(
      @Nullable String ref,
      RoomName room,
      @Nullable Epoch epoch,
      List<ReadMark> marks,
      @Nullable String next)
      implements ServerFrame {}

  /** What a user has not read, in the order of the rooms asked about. */
  record Unread(@Nullable String ref, List<Count> rooms) implements ServerFrame {

    /** Of one room. */
    public sealed interface Count {
      RoomName room();
    }

    /**
     * @param epoch null where there is no such room
     * @param offset of the newest message, 0 where there is none
     * @param read the user's mark, 0 where there is none
     */
    public record Known(RoomName room, @Nullable Epoch epoch, long offset, long read)
        implements Count {
      public long unread() {
        return Math.max(0, offset - read);
      }
    }

    public record Unknown(RoomName room, ErrorCode code) implements Count {}
  }

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

    private static final int BYTES_PER_MESSAGE = 32 * 1024;

    /** How many messages it counts for against a rate, besides the request. */
    public int charge() {
      long bytes = 0;
      for (byte[] message : messages) {
        bytes += message.length;
      }
      return (int) (bytes / BYTES_PER_MESSAGE);
    }
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
