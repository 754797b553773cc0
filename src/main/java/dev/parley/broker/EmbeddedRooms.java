package dev.parley.broker;

import dev.parley.protocol.RoomName;
import java.time.InstantSource;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The rooms that embedded brokers share; a service has one such broker, tests may have several as
 * if they were instances. Safe for use by any thread.
 */
final class EmbeddedRooms {

  /** What is done to a room under its lock. */
  interface Action {
    void run(EmbeddedRoom room, long now);
  }

  private final ConcurrentHashMap<RoomName, EmbeddedRoom> rooms = new ConcurrentHashMap<>();
  private final Set<EmbeddedControl> control = ConcurrentHashMap.newKeySet();
  private final HistoryProperties history;
  private final InstantSource clock;
  private final LogMemory memory;

  EmbeddedRooms(HistoryProperties history, InstantSource clock, LogMemory memory) {
    this.history = history;
    this.clock = clock;
    this.memory = memory;
  }

  /** The control buses of the brokers that share these rooms. */
  Set<EmbeddedControl> control() {
    return control;
  }

  void in(RoomName name, Action action) {
    while (true) {
      EmbeddedRoom room = rooms.get(name);
      if (room == null) {
        room = rooms.computeIfAbsent(name, absent -> new EmbeddedRoom(history, memory));
      }
      synchronized (room) {
        if (!room.isForgotten()) {
          action.run(room, clock.millis());
          return;
        }
      }
    }
  }

  /** Lets go of messages and ids that are too old, and of rooms that nobody used for long. */
  void sweep() {
    rooms.forEach((name, room) -> {
      synchronized (room) {
        if (room.sweep(clock.millis())) {
          rooms.remove(name, room);
        }
      }
    });
  }

  int size() {
    return rooms.size();
  }
}
