package dev.parley.room;

import dev.parley.broker.Typing;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * Which connections of this instance are typing in the room. The others are told when one begins
 * and ceases, not of every frame; who says nothing for 6 s has ceased. Owned by the room's home
 * lane.
 */
final class RoomTyping {
  private static final Duration EXPIRY = Duration.ofSeconds(6);

  private static final class Typist {
    private final Participant participant;
    private int frames;

    Typist(Participant participant) {
      this.participant = participant;
    }
  }

  private final RoomHome home;
  private final long incarnation;
  private final Map<Long, Typist> typists = new HashMap<>();

  /**
   * @param incarnation of this instance
   */
  RoomTyping(RoomHome home, long incarnation) {
    this.home = home;
    this.incarnation = incarnation;
  }

  void typing(Participant participant, boolean active) {
    if (!active) {
      ceased(participant.id());
      return;
    }
    Typist typist = typists.get(participant.id());
    if (typist == null) {
      typist = new Typist(participant);
      typists.put(participant.id(), typist);
      tell(participant, true);
    }
    expireAfter(typist, ++typist.frames);
  }

  /** The connection ceased to type, or left. */
  void ceased(long connection) {
    Typist typist = typists.remove(connection);
    if (typist != null) {
      tell(typist.participant, false);
    }
  }

  private void expireAfter(Typist typist, int frames) {
    home.lane()
        .schedule(
            () -> {
              long connection = typist.participant.id();
              if (typists.get(connection) == typist && typist.frames == frames) {
                ceased(connection);
              }
            },
            EXPIRY);
  }

  private void tell(Participant participant, boolean active) {
    home.channel()
        .typing(
            new Typing(
                incarnation,
                participant.id(),
                participant.identity().user(),
                participant.displayName(),
                active));
  }
}
