package dev.parley.room;

import dev.parley.broker.Typing;
import dev.parley.protocol.UserId;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * Which users are typing in the room on this instance. The bus is told of a user when the first of
 * its connections begins, when the last ceases, and when a client says that it goes on, once in 2 s
 * at most. So others may forget a user of whom they hear no more. A connection that says nothing
 * for 6 s has ceased. Owned by the room's home lane.
 */
final class RoomTyping {
  /** A user is told of once in this time. */
  static final Duration INTERVAL = Duration.ofSeconds(2);

  private static final Duration EXPIRY = Duration.ofSeconds(6);

  private static final class Typist {
    /** The connections that are typing, with the number of the last frame of each. */
    private final Map<Long, Long> connections = new HashMap<>(2);

    private Participant participant;

    /** The bus was told less than {@link #INTERVAL} ago. */
    private boolean resting;

    /** The user has begun or ceased since. */
    private boolean changed;

    Typist(Participant participant) {
      this.participant = participant;
    }

    boolean isActive() {
      return !connections.isEmpty();
    }
  }

  private final RoomHome home;
  private final long incarnation;
  private final Map<UserId, Typist> typists = new HashMap<>(0);

  /** Frames so far, of all users: a number that is used again would end a later period. */
  private long frames;

  /**
   * @param incarnation of this instance
   */
  RoomTyping(RoomHome home, long incarnation) {
    this.home = home;
    this.incarnation = incarnation;
  }

  void typing(Participant participant, boolean active) {
    if (!active) {
      ceased(participant);
      return;
    }
    UserId user = participant.identity().user();
    Typist typist = typists.computeIfAbsent(user, _ -> new Typist(participant));
    if (!typist.isActive()) {
      typist.participant = participant;
      typist.changed = true;
    }
    long frame = ++frames;
    typist.connections.put(participant.id(), frame);
    home.lane().schedule(() -> expire(participant, frame), EXPIRY);
    if (!typist.resting) {
      tell(user, typist);
    }
  }

  private void expire(Participant participant, long frame) {
    Typist typist = typists.get(participant.identity().user());
    Long last = typist == null ? null : typist.connections.get(participant.id());
    if (last != null && last == frame) {
      ceased(participant);
    }
  }

  /** The connection ceased to type, or left. */
  void ceased(Participant participant) {
    UserId user = participant.identity().user();
    Typist typist = typists.get(user);
    if (typist != null
        && typist.connections.remove(participant.id()) != null
        && !typist.isActive()) {
      typist.changed = true;
      if (!typist.resting) {
        tell(user, typist);
      }
    }
  }

  private void tell(UserId user, Typist typist) {
    Participant participant = typist.participant;
    typist.changed = false;
    home.channel()
        .typing(
            new Typing(
                incarnation, participant.id(), user, participant.displayName(), typist.isActive()));
    typist.resting = true;
    home.lane().schedule(() -> rested(user, typist), INTERVAL);
  }

  private void rested(UserId user, Typist typist) {
    typist.resting = false;
    if (typist.changed) {
      tell(user, typist);
    } else if (!typist.isActive()) {
      typists.remove(user);
    }
  }
}
