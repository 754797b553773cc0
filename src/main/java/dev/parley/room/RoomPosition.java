package dev.parley.room;

import dev.parley.broker.Outcome;
import dev.parley.protocol.Position;

/** Where a room is, or why that cannot be told. */
public sealed interface RoomPosition {

  record Known(Position position) implements RoomPosition {}

  /** The room cannot be opened: the broker is away, or whoever asks has had too many opened. */
  record Unknown(Outcome.Refused<?> why) implements RoomPosition {}
}
