package dev.parley.room;

import java.util.ArrayList;
import java.util.List;

/** Keeps what a room's members are told, in words. */
final class RecordedEvents implements EventSink {
  final List<String> told = new ArrayList<>();
  boolean behind;

  @Override
  public void tell(RoomEvent event) {
    told.add(
        switch (event) {
          case RoomEvent.Message message -> "message " + message.offset();
          case RoomEvent.Tombstone tombstone -> "tombstone " + tombstone.offset();
          case RoomEvent.Deletion deletion -> "deletion " + deletion.offset();
          case RoomEvent.Loss loss -> "gap to " + loss.offset();
          case RoomEvent.Reset reset -> "reset to " + reset.offset();
          case RoomEvent.Notice _ -> "notice";
          case RoomEvent.Signal _ -> "signal";
        });
  }

  @Override
  public boolean isBehind() {
    return behind;
  }
}
