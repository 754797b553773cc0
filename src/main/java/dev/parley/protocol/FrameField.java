package dev.parley.protocol;

import org.jspecify.annotations.Nullable;

/** The fields of JSON frames that some type from a client knows. */
enum FrameField {
  TYPE("type"),
  REF("ref"),
  ID("id"),
  ROOM("room"),
  ROOMS("rooms"),
  SINCE("since"),
  LAST("last"),
  USERNAME("username"),
  CONTENT("content"),
  NAME("name"),
  KEY("key"),
  ECHO("echo"),
  DATA("data"),
  ACTIVE("active"),
  BEFORE("before"),
  AFTER("after"),
  LIMIT("limit"),
  OFFSET("offset");

  private final String pointer;

  FrameField(String wireName) {
    pointer = "/" + wireName;
  }

  /** JSON Pointer (RFC 6901) of it. */
  String pointer() {
    return pointer;
  }

  static @Nullable FrameField named(String name) {
    return switch (name) {
      case "type" -> TYPE;
      case "ref" -> REF;
      case "id" -> ID;
      case "room" -> ROOM;
      case "rooms" -> ROOMS;
      case "since" -> SINCE;
      case "last" -> LAST;
      case "username" -> USERNAME;
      case "content" -> CONTENT;
      case "name" -> NAME;
      case "key" -> KEY;
      case "echo" -> ECHO;
      case "data" -> DATA;
      case "active" -> ACTIVE;
      case "before" -> BEFORE;
      case "after" -> AFTER;
      case "limit" -> LIMIT;
      case "offset" -> OFFSET;
      default -> null;
    };
  }
}
