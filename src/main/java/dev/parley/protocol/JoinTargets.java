package dev.parley.protocol;

import dev.parley.protocol.ClientFrame.Join.Target;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * Reads {@code rooms} and {@code since} of a {@code join}, and {@code rooms} of an {@code unread}.
 */
final class JoinTargets {
  static final int MAX_ROOMS = 100;
  static final int MAX_EPOCH_LENGTH = 64;

  private JoinTargets() {}

  /**
   * @param parser at the array
   */
  static List<Target> rooms(JsonParser parser, String path) {
    List<Target> targets = new ArrayList<>();
    Set<RoomName> seen = new HashSet<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      if (targets.size() == MAX_ROOMS) {
        throw Malformed.field(path);
      }
      String at = path + "/" + targets.size();
      Target target = target(parser, at);
      if (!seen.add(target.room())) {
        throw Malformed.field(at + "/room");
      }
      targets.add(target);
    }
    if (targets.isEmpty()) {
      throw Malformed.field(path);
    }
    return List.copyOf(targets);
  }

  /**
   * @param parser at the array
   */
  static List<RoomName> names(JsonParser parser, String path) {
    Set<RoomName> names = new LinkedHashSet<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      if (names.size() == MAX_ROOMS) {
        throw Malformed.field(path);
      }
      String at = path + "/" + names.size();
      if (!names.add(room(Json.string(parser, at), at))) {
        throw Malformed.field(at);
      }
    }
    if (names.isEmpty()) {
      throw Malformed.field(path);
    }
    return List.copyOf(names);
  }

  private static Target target(JsonParser parser, String path) {
    Members members = new Members(parser, path);
    RoomName room = null;
    Position since = null;
    for (String name = members.next(); name != null; name = members.next()) {
      switch (name) {
        case "room" -> {
          members.once(1);
          room = room(Json.string(parser, path + "/room"), path + "/room");
        }
        case "since" -> {
          members.once(2);
          since =
              parser.currentToken() == JsonToken.VALUE_NULL ? null : since(parser, path + "/since");
        }
        default -> parser.skipChildren();
      }
    }
    if (room == null) {
      throw Malformed.field(path + "/room");
    }
    return new Target(room, since);
  }

  static RoomName room(String value, String path) {
    RoomName room = RoomName.parse(value);
    if (room == null) {
      throw Malformed.room(path);
    }
    return room;
  }

  /**
   * @param parser at the object
   */
  static Position since(JsonParser parser, String path) {
    Members members = new Members(parser, path);
    Epoch epoch = null;
    long offset = -1;
    for (String name = members.next(); name != null; name = members.next()) {
      switch (name) {
        case "epoch" -> {
          members.once(1);
          epoch = epoch(Json.string(parser, path + "/epoch"), path + "/epoch");
        }
        case "offset" -> {
          members.once(2);
          offset = Json.integer(parser, 0, Position.MAX_OFFSET, path + "/offset");
        }
        default -> parser.skipChildren();
      }
    }
    if (epoch == null || offset < 0) {
      throw Malformed.field(path + (epoch == null ? "/epoch" : "/offset"));
    }
    return new Position(epoch, offset);
  }

  private static Epoch epoch(String value, String path) {
    if (value.length() > MAX_EPOCH_LENGTH) {
      throw Malformed.field(path);
    }
    return Epoch.parse(value);
  }

  /** The members of a nested object, of which none that is known may come twice. */
  private static final class Members {
    private final JsonParser parser;
    private final String path;
    private String name = "";
    private int seen;

    Members(JsonParser parser, String path) {
      if (parser.currentToken() != JsonToken.START_OBJECT) {
        throw Malformed.field(path);
      }
      this.parser = parser;
      this.path = path;
    }

    /** The next member's name, with the parser at its value; null at the end. */
    @Nullable String next() {
      String next = parser.nextName();
      if (next != null) {
        name = next;
        parser.nextToken();
      }
      return next;
    }

    void once(int bit) {
      if ((seen & bit) != 0) {
        throw Malformed.field(path + "/" + name);
      }
      seen |= bit;
    }
  }
}
