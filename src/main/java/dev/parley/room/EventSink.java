package dev.parley.room;

/** What receives a room's events on its home lane, in order: its members, on all lanes. */
interface EventSink {

  void tell(RoomEvent event);

  /** Whether a lane takes events too slowly: the rest must be read from the log then. */
  boolean isBehind();
}
