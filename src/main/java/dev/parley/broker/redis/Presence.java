package dev.parley.broker.redis;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.parley.protocol.UserId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Tells Redis whom this instance has in a room, until it is told: a change waits out an outage or a
 * lost lease, and of several only the last one counts. One script a user is in flight, and a
 * bounded number of users. Belongs to the home executor, except where it says so.
 */
final class Presence {
  private static final byte[] NOTHING = {};

  /** So many users of a room are told of at the same time. */
  static final int AT_ONCE = 64;

  /** What is to be told of a user, and what was. */
  private static final class Told {
    /** The user's name, null if the user is not here. */
    private byte @Nullable [] name;

    /** The incarnation under which Redis may have the user here, null if it does not. */
    private @Nullable Incarnation under;

    private boolean inFlight;

    /** To be told once more, whatever the answer to what is in flight. */
    private boolean again;
  }

  private final RoomKeys keys;
  private final Executor home;
  private final CommandConnection commands;
  private final Leases leases;
  private final OccupiedRooms occupied;
  private final RoomRegistration registration;

  /** Users who are here, or of whom Redis does not know yet that they are not. */
  private final Map<UserId, Told> users = new HashMap<>();

  /** Those of them to be told of, in this order. */
  private final SequencedSet<UserId> waiting = new LinkedHashSet<>();

  private int inFlight;

  /** Completed when nothing is left to tell. */
  private final List<CompletableFuture<Object>> settling = new ArrayList<>();

  Presence(RoomKeys keys, Executor home, RedisBroker broker) {
    this.keys = keys;
    this.home = home;
    this.commands = broker.commands();
    this.leases = broker.leases();
    this.occupied = broker.occupiedRooms();
    this.registration = new RoomRegistration(keys, home, commands);
  }

  void enter(UserId user, String username) {
    if (users.isEmpty()) {
      occupied.add(this);
    }
    Told told = users.computeIfAbsent(user, absent -> new Told());
    if (told.name == null) {
      told.name = Payload.name(username);
      tell(user, told);
    }
  }

  void exit(UserId user) {
    Told told = users.get(user);
    if (told != null && told.name != null) {
      told.name = null;
      tell(user, told);
    }
  }

  private void tell(UserId user, Told told) {
    if (!told.inFlight) {
      waiting.add(user);
      proceed();
    }
  }

  /** Redis may have lost who is here. */
  void again() {
    users.forEach((user, told) -> {
      if (told.inFlight) {
        told.again = true;
      } else {
        waiting.add(user);
      }
    });
    proceed();
  }

  /**
   * There is another incarnation. Any thread.
   *
   * @return completed when Redis has everybody under it
   */
  CompletableFuture<?> enterAgain() {
    return settled(this::again);
  }

  /** Completed when Redis was told of all changes. Any thread. */
  CompletableFuture<?> settled() {
    return settled(this::proceed);
  }

  private CompletableFuture<?> settled(Runnable step) {
    CompletableFuture<Object> settled = new CompletableFuture<>();
    try {
      home.execute(() -> {
        settling.add(settled);
        step.run();
      });
    } catch (RejectedExecutionException ended) {
      settled.complete(this);
    }
    return settled;
  }

  boolean isTelling() {
    return !waiting.isEmpty()
        || inFlight > 0
        || registration.isAsking()
        || (users.isEmpty() && registration.isWith(leases.current()));
  }

  private void proceed() {
    Incarnation lease = leases.current();
    if (lease == null || registration.isAsking()) {
      // Called again when there is one, and at the answer.
      return;
    }
    if (registration.isWith(lease)) {
      while (inFlight < AT_ONCE && !waiting.isEmpty()) {
        send(waiting.removeFirst(), lease);
      }
    } else if (!waiting.isEmpty()) {
      registration.begin(lease, this::proceed);
      return;
    }
    if (waiting.isEmpty() && inFlight == 0) {
      settle(lease);
    }
  }

  private void settle(Incarnation lease) {
    if (users.isEmpty() && registration.isWith(lease)) {
      registration.end(lease, this::proceed);
      return;
    }
    if (users.isEmpty()) {
      occupied.remove(this);
    }
    List.copyOf(settling).forEach(each -> each.complete(this));
    settling.clear();
  }

  private void send(UserId user, Incarnation lease) {
    Told told = users.get(user);
    if (told == null) {
      return;
    }
    byte[] name = told.name;
    Incarnation former = told.under;
    if (name == null && former == null) {
      users.remove(user);
      return;
    }
    told.inFlight = true;
    inFlight++;
    if (name == null && former != null) {
      run(Script.EXIT, user, former, () -> answered(user, told, null));
    } else if (name != null) {
      // Until the answer nobody knows whether it was executed.
      told.under = former == null ? lease : former;
      byte[] before = former == null || former.equals(lease) ? NOTHING : former.bytes();
      run(Script.ENTER, user, lease, () -> answered(user, told, lease), name, before);
    }
  }

  private void run(
      Script script, UserId user, Incarnation under, Runnable answered, byte[]... more) {
    byte[][] arguments = new byte[5 + more.length][];
    arguments[0] = user.value().getBytes(US_ASCII);
    arguments[1] = under.bytes();
    arguments[2] = PrimaryState.ascii(System.currentTimeMillis());
    arguments[3] = keys.idle();
    arguments[4] = keys.channel().getBytes(US_ASCII);
    System.arraycopy(more, 0, arguments, 5, more.length);
    commands.run(
        ScriptCall.untilAnswered(script, keys.ofPresence(), arguments, home, _ -> answered.run()));
  }

  private void answered(UserId user, Told told, @Nullable Incarnation under) {
    told.inFlight = false;
    inFlight--;
    told.under = under;
    boolean entered = told.name != null;
    if (told.again
        || entered != (under != null)
        || (entered && under != null && !under.equals(leases.current()))) {
      told.again = false;
      waiting.add(user);
    } else if (!entered) {
      users.remove(user);
    }
    proceed();
  }
}
