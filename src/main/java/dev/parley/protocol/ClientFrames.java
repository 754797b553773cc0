package dev.parley.protocol;

import dev.parley.protocol.ClientFrame.Join.Target;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Decodes what clients send (docs/PROTOCOL.md, "Client → server" and "Binary frames"). Strict and
 * total: any text and any bytes give a frame, at worst {@link ClientFrame.Refused}, and never an
 * exception. Frames hold copies; the input may be reused at once. Immutable, for any number of
 * threads.
 *
 * <p>The whole text is checked before any field is judged: a frame that is no JSON is always {@code
 * invalid_json}, and what a refusal can be matched by is found wherever it stands.
 */
public final class ClientFrames {
  private static final int MAX_USERNAME = 64;
  private static final int MAX_LAST = 10_000;

  private final RoomName defaultRoom;

  /**
   * @param defaultRoom which a frame without a room means
   */
  public ClientFrames(RoomName defaultRoom) {
    this.defaultRoom = defaultRoom;
  }

  /**
   * Decodes a text message, all its fragments together.
   *
   * @param bytes checked to be UTF-8, as whoever receives a WebSocket text must (RFC 6455, section
   *     8.1)
   */
  public ClientFrame text(byte[] bytes, int offset, int length) {
    FrameFields fields;
    try {
      fields = new FrameFields(bytes, offset, length);
    } catch (Malformed unsound) {
      return new ClientFrame.Refused(unsound.code(), null, null, null, unsound.path());
    }
    try {
      return frame(fields);
    } catch (Malformed fault) {
      return fields.refused(fault);
    }
  }

  /** Decodes a binary message, all its fragments together. */
  public ClientFrame binary(byte[] bytes, int offset, int length) {
    return new BinaryFrame(bytes, offset, length).decode(defaultRoom);
  }

  private ClientFrame frame(FrameFields fields) {
    String loneSurrogate = fields.loneSurrogate();
    if (loneSurrogate != null) {
      throw Malformed.field(loneSurrogate);
    }
    String type = fields.type();
    return switch (type) {
      case "message" -> message(fields);
      case "signal" -> signal(fields);
      case "typing" ->
          new ClientFrame.Typing(ref(fields), room(fields), required(fields, FrameField.ACTIVE));
      case "read" -> read(fields);
      case "reads" -> reads(fields);
      case "unread" -> new ClientFrame.Unread(ref(fields), roomNames(fields));
      case "join" -> join(fields);
      case "leave" -> new ClientFrame.Leave(ref(fields), room(fields));
      case "history" -> history(fields);
      case "ping" -> new ClientFrame.Ping(ref(fields));
      default -> throw Malformed.type();
    };
  }

  private ClientFrame.Message message(FrameFields fields) {
    String ref = ref(fields);
    RoomName room = room(fields);
    String id = fields.shortText(FrameField.ID);
    String name = fields.shortText(FrameField.NAME);
    String key = fields.shortText(FrameField.KEY);
    boolean echo = fields.flag(FrameField.ECHO, true);
    Content content = fields.content(FrameField.CONTENT);
    if (content == null) {
      throw Malformed.field(FrameField.CONTENT.pointer());
    }
    return new ClientFrame.Message(ref, room, content, id, name, key, echo);
  }

  private ClientFrame.Signal signal(FrameFields fields) {
    String ref = ref(fields);
    RoomName room = room(fields);
    String name = fields.shortText(FrameField.NAME);
    if (name == null) {
      throw Malformed.field(FrameField.NAME.pointer());
    }
    Content data = fields.has(FrameField.DATA) ? fields.content(FrameField.DATA) : null;
    return new ClientFrame.Signal(ref, room, name, data);
  }

  private ClientFrame.Join join(FrameFields fields) {
    String ref = ref(fields);
    int last = (int) fields.integer(FrameField.LAST, 0, MAX_LAST, 0);
    String username = username(fields);
    List<Target> rooms = fields.rooms();
    if (rooms == null) {
      Target only = new Target(room(fields), fields.since());
      return new ClientFrame.Join(ref, List.of(only), last, username);
    }
    if (fields.has(FrameField.ROOM)) {
      throw Malformed.field(FrameField.ROOMS.pointer());
    }
    // Of which room? Each has its own; to pass it over would replay nothing without a word.
    if (fields.has(FrameField.SINCE)) {
      throw Malformed.field(FrameField.SINCE.pointer());
    }
    return new ClientFrame.Join(ref, rooms, last, username);
  }

  private static @Nullable String username(FrameFields fields) {
    String username = fields.string(FrameField.USERNAME);
    String trimmed = username == null ? "" : username.strip();
    if (trimmed.isEmpty()) {
      return null;
    }
    if (trimmed.length() > MAX_USERNAME || trimmed.chars().anyMatch(Character::isISOControl)) {
      throw Malformed.field(FrameField.USERNAME.pointer());
    }
    return trimmed;
  }

  private ClientFrame.History history(FrameFields fields) {
    String ref = ref(fields);
    RoomName room = room(fields);
    int limit =
        (int)
            fields.integer(
                FrameField.LIMIT,
                1,
                ClientFrame.History.MAX_LIMIT,
                ClientFrame.History.DEFAULT_LIMIT);
    long after = fields.integer(FrameField.AFTER, 0, Position.MAX_OFFSET, -1);
    if (!fields.has(FrameField.BEFORE)) {
      return new ClientFrame.History(ref, room, 0, after, limit);
    }
    if (after >= 0) {
      throw Malformed.field(FrameField.BEFORE.pointer());
    }
    // Nothing is before 0, nor before 1; the record's 0 means that the client gave none.
    long before = fields.integer(FrameField.BEFORE, 0, Position.MAX_OFFSET, 0);
    return new ClientFrame.History(ref, room, Math.max(1, before), after, limit);
  }

  private ClientFrame.Read read(FrameFields fields) {
    String ref = ref(fields);
    RoomName room = room(fields);
    long offset = fields.integer(FrameField.OFFSET, 0, Position.MAX_OFFSET, -1);
    if (offset < 0) {
      throw Malformed.field(FrameField.OFFSET.pointer());
    }
    return new ClientFrame.Read(ref, room, offset);
  }

  private ClientFrame.Reads reads(FrameFields fields) {
    String ref = ref(fields);
    RoomName room = room(fields);
    int limit =
        (int)
            fields.integer(
                FrameField.LIMIT, 1, ClientFrame.Reads.MAX_LIMIT, ClientFrame.Reads.DEFAULT_LIMIT);
    String cursor = fields.string(FrameField.AFTER);
    ReadMark after = cursor == null ? null : ReadMark.ofCursor(cursor);
    if (cursor != null && after == null) {
      throw Malformed.field(FrameField.AFTER.pointer());
    }
    return new ClientFrame.Reads(ref, room, after, limit);
  }

  private static List<RoomName> roomNames(FrameFields fields) {
    List<RoomName> rooms = fields.roomNames();
    if (rooms == null) {
      throw Malformed.field(FrameField.ROOMS.pointer());
    }
    return rooms;
  }

  private static boolean required(FrameFields fields, FrameField field) {
    if (!fields.has(field)) {
      throw Malformed.field(field.pointer());
    }
    return fields.flag(field, false);
  }

  private static @Nullable String ref(FrameFields fields) {
    return fields.shortText(FrameField.REF);
  }

  private RoomName room(FrameFields fields) {
    RoomName room = fields.room();
    return room == null ? defaultRoom : room;
  }
}
