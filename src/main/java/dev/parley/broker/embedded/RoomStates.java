package dev.parley.broker.embedded;

import dev.parley.broker.Retention;
import dev.parley.protocol.RoomName;
import java.time.InstantSource;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * The rooms that embedded brokers share; a service has one such broker, tests may have several as
 * if they were instances. Safe for use by any thread.
 */
final class RoomStates {

  /** What is done to a room under its lock. */
  interface Action {
    void run(RoomState room, long now);
  }

  private final ConcurrentHashMap<RoomName, RoomState> rooms = new ConcurrentHashMap<>();
  private final EvictionOrder evictions = new EvictionOrder();

  /** Somebody is evicting; the others need not wait for it. */
  private final AtomicBoolean evicting = new AtomicBoolean();

  private final Set<Control> control = ConcurrentHashMap.newKeySet();
  private final InstantSource clock;
  private final LogMemory memory;

  RoomStates(InstantSource clock, LogMemory memory) {
    this.clock = clock;
    this.memory = memory;
  }

  /** The control buses of the brokers that share these rooms. */
  Set<Control> control() {
    return control;
  }

  /**
   * @param retention of the room, if there is none yet
   */
  void in(RoomName name, Retention retention, Action action) {
    while (!tryIn(name, retention, action)) {
      // The room was forgotten in between: there is another one, or will be.
    }
    if (memory.isExceeded()) {
      evict();
    }
  }

  private boolean tryIn(RoomName name, Retention retention, Action action) {
    RoomState room = rooms.get(name);
    if (room == null) {
      room =
          rooms.computeIfAbsent(name, absent -> new RoomState(name, retention, memory, evictions));
    }
    synchronized (room) {
      if (room.isForgotten()) {
        return false;
      }
      action.run(room, clock.millis());
      room.settle();
      return true;
    }
  }

  /** As {@link #in}, but only if there is such a room: false if there is none. */
  boolean ifThere(RoomName name, Consumer<RoomState> reader) {
    RoomState room = rooms.get(name);
    if (room == null) {
      return false;
    }
    synchronized (room) {
      if (room.isForgotten()) {
        return false;
      }
      reader.accept(room);
      return true;
    }
  }

  /** Called while no room is locked: one at a time is, here. */
  private void evict() {
    while (memory.isExceeded() && evicting.compareAndSet(false, true)) {
      RoomState room = evictions.next();
      while (room != null && memory.isAboveTarget()) {
        synchronized (room) {
          if (room.evict()) {
            rooms.remove(room.name(), room);
          }
        }
        room = evictions.next();
      }
      evicting.set(false);
      if (room == null) {
        // What is left cannot be evicted.
        return;
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
        room.settle();
      }
    });
  }

  int size() {
    return rooms.size();
  }
}
