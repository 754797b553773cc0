package dev.parley.protocol;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A frame from a client, decoded and checked (docs/PROTOCOL.md, "Client → server"). A frame that
 * breaks the protocol is {@link Refused}: a value, not an exception.
 */
public sealed interface ClientFrame {

  /** The client's own mark, repeated in the direct answer; null if it gave none. */
  @Nullable String ref();

  /** The one room that it is about; null if it is about none, or several. */
  @Nullable RoomName room();

  /** The message id that the answer repeats; null if there is none. */
  default @Nullable String id() {
    return null;
  }

  /**
   * @param last how many of the newest messages to replay if a target has no {@code since}; 0 for
   *     none
   */
  record Join(@Nullable String ref, List<Target> targets, int last, @Nullable String username)
      implements ClientFrame {

    @Override
    public @Nullable RoomName room() {
      return targets.size() == 1 ? targets.getFirst().room() : null;
    }

    /** One room to join, and where this client was in it. */
    public record Target(RoomName room, @Nullable Position since) {}
  }

  record Leave(@Nullable String ref, RoomName room) implements ClientFrame {}

  record Message(
      @Nullable String ref,
      RoomName room,
      Content content,
      @Nullable String id,
      @Nullable String name,
      @Nullable String key,
      boolean echo)
      implements ClientFrame {
    private static final Content NOTHING = new Content(Content.Form.JSON, new byte[0]);

    /** What is needed to answer it. */
    public Message withoutContent() {
      return new Message(ref, room, NOTHING, id, name, key, echo);
    }
  }

  /**
   * @param name null for a binary signal only
   * @param data null if a JSON signal has none
   */
  record Signal(@Nullable String ref, RoomName room, @Nullable String name, @Nullable Content data)
      implements ClientFrame {}

  record Typing(@Nullable String ref, RoomName room, boolean active) implements ClientFrame {}

  /** Moves the sender's read mark forward, at most to this offset. */
  record Read(@Nullable String ref, RoomName room, long offset) implements ClientFrame {}

  /**
   * Asks for the room's read marks.
   *
   * @param after the last mark of the page before; null for the first page
   */
  record Reads(@Nullable String ref, RoomName room, @Nullable ReadMark after, int limit)
      implements ClientFrame {
    public static final int DEFAULT_LIMIT = 100;
    public static final int MAX_LIMIT = 1_000;
  }

  /**
   * Asks how many messages the sender has not read, in rooms that it need not be in.
   *
   * @param rooms 1 to {@link #MAX_ROOMS}, each once
   */
  record Unread(@Nullable String ref, List<RoomName> rooms) implements ClientFrame {
    public static final int MAX_ROOMS = JoinTargets.MAX_ROOMS;

    private static final int ROOMS_PER_MESSAGE = 4;

    /**
     * How many messages it counts for against a rate, besides itself: the broker asks each room.
     */
    public int charge() {
      return rooms.size() / ROOMS_PER_MESSAGE;
    }

    @Override
    public @Nullable RoomName room() {
      return null;
    }
  }

  /**
   * @param before exclusive offset to end at, or 0 if absent
   * @param after exclusive offset to begin at, or -1 if absent; never given together with {@code
   *     before}
   */
  record History(@Nullable String ref, RoomName room, long before, long after, int limit)
      implements ClientFrame {
    public static final int DEFAULT_LIMIT = 50;
    public static final int MAX_LIMIT = 1_000;
  }

  record Ping(@Nullable String ref) implements ClientFrame {
    @Override
    public @Nullable RoomName room() {
      return null;
    }
  }

  /**
   * A frame that breaks the protocol; the answer is an {@code error} frame with these fields.
   *
   * @param room as the client wrote it, if it is a valid name
   * @param path JSON Pointer (RFC 6901) of the field at fault
   */
  record Refused(
      ErrorCode code,
      @Nullable String ref,
      @Nullable String id,
      @Nullable RoomName room,
      @Nullable String path)
      implements ClientFrame {}
}
