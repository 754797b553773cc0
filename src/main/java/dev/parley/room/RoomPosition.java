package dev.parley.room;

import dev.parley.protocol.Position;

/** Where a room is, or why that cannot be told. */
public sealed interface RoomPosition {

  record Known(Position position) implements RoomPosition {}

  /** The broker does not say. */
  record Unavailable() implements RoomPosition {}

  /** The room would have to be opened, and whoever asks has had too many opened. */
  record TooManyRooms(long retryAfterMs) implements RoomPosition {}
}
