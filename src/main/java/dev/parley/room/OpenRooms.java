package dev.parley.room;

import dev.parley.budget.Account;
import dev.parley.delivery.Lane;
import dev.parley.delivery.Lanes;
import dev.parley.protocol.RoomName;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/**
 * The rooms that are open on this instance, each with its home lane. One is opened when it is first
 * needed, and forgotten when it was not for a while.
 */
final class OpenRooms {
  private static final Duration EXPIRY_INTERVAL = Duration.ofSeconds(10);

  private final Lanes lanes;
  private final Factory factory;
  private final RoomAllowance allowance;
  private final AtomicInteger count = new AtomicInteger();

  /** By lane; each map belongs to its lane. */
  private final List<Map<RoomName, Room>> byLane = new ArrayList<>();

  /** Makes a room. */
  interface Factory {
    Room open(RoomName name, Lane home, Account opener);
  }

  OpenRooms(Lanes lanes, RoomAllowance allowance, Factory factory) {
    this.lanes = lanes;
    this.allowance = allowance;
    this.factory = factory;
    for (Lane lane : lanes.all()) {
      byLane.add(new HashMap<>());
      expireLater(lane);
    }
  }

  int count() {
    return count.get();
  }

  /**
   * Runs the action with the room, on its home lane: at once if that is the caller's. For
   * operators: the room is opened whatever else is.
   */
  void inRoom(RoomName name, Consumer<Room> action) {
    Lane home = lanes.home(name);
    home.run(() -> {
      Room room = byLane.get(home.index()).get(name);
      if (room == null) {
        allowance.opened();
        room = open(name, home, Account.NOBODY);
      }
      action.accept(room);
    });
  }

  /**
   * Runs one of the two on the room's home lane.
   *
   * @param opener who answers for the room if it has to be opened
   * @param refused it would have to be opened, and may not; given after how many milliseconds to
   *     try again
   */
  void inRoom(RoomName name, Account opener, Consumer<Room> action, LongConsumer refused) {
    Lane home = lanes.home(name);
    home.run(() -> {
      Room room = byLane.get(home.index()).get(name);
      if (room == null) {
        long retryAfterMs = allowance.tryOpen(opener);
        if (retryAfterMs > 0) {
          refused.accept(retryAfterMs);
          return;
        }
        room = open(name, home, opener);
      }
      action.accept(room);
    });
  }

  /** Runs the action if the room is open. */
  void ifOpen(RoomName name, Consumer<Room> action) {
    ifOpen(name, action, () -> {});
  }

  /** Runs one of the two, on the room's home lane. */
  void ifOpen(RoomName name, Consumer<Room> action, Runnable otherwise) {
    Lane home = lanes.home(name);
    home.run(() -> {
      Room room = byLane.get(home.index()).get(name);
      if (room != null) {
        action.accept(room);
      } else {
        otherwise.run();
      }
    });
  }

  /** Those of the lane, which is the caller's. */
  Collection<Room> on(Lane lane) {
    assert lane.inLane();
    return byLane.get(lane.index()).values();
  }

  /** Runs the action with every room; done when every lane has. */
  CompletableFuture<Void> forEach(Consumer<Room> action) {
    return lanes.collect(lane -> forEach(lane, action)).thenAccept(_ -> {});
  }

  /** Runs the action with every room of the lane; returns how many there were. */
  private int forEach(Lane lane, Consumer<Room> action) {
    List<Room> rooms = List.copyOf(on(lane));
    rooms.forEach(room -> Lane.attempt(() -> action.accept(room)));
    return rooms.size();
  }

  private Room open(RoomName name, Lane home, Account opener) {
    count.incrementAndGet();
    Room room = factory.open(name, home, opener);
    byLane.get(home.index()).put(name, room);
    return room;
  }

  private boolean expire(Room room) {
    try {
      if (!room.expire()) {
        return false;
      }
    } catch (RuntimeException | Error fault) {
      // The others expire all the same.
      Lane.failed(fault);
      return false;
    }
    allowance.closed(room.opener());
    return true;
  }

  private void expireLater(Lane lane) {
    lane.schedule(
        () -> {
          expireLater(lane);
          Map<RoomName, Room> here = byLane.get(lane.index());
          int before = here.size();
          here.values().removeIf(this::expire);
          count.addAndGet(here.size() - before);
        },
        EXPIRY_INTERVAL);
  }
}
