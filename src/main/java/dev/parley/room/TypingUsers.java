package dev.parley.room;

import dev.parley.broker.Typing;
import dev.parley.protocol.UserId;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * Which users are typing in the room, on any instance, as its members here are told: of a user once
 * in 2 s at most, on however many instances it types. An instance that says nothing for 8 s of a
 * user who types there has died or was cut off. Owned by the room's home lane.
 */
final class TypingUsers {
  /** {@link RoomTyping} repeats what goes on at the client's next frame, which is due in 6 s. */
  private static final Duration EXPIRY = Duration.ofSeconds(8);

  private static final class Typist {
    /** By the incarnation of the instance: the number of the last time that it said so. */
    private final Map<Long, Long> instances = new HashMap<>(2);

    private Typing last;

    /** The members were told less than {@link RoomTyping#INTERVAL} ago. */
    private boolean resting;

    /** Something was heard since. */
    private boolean changed;

    Typist(Typing first) {
      this.last = first;
    }

    boolean isActive() {
      return !instances.isEmpty();
    }
  }

  private final RoomHome home;
  private final EventSink members;
  private final Map<UserId, Typist> typists = new HashMap<>(0);

  /** Times so far: a number that is used again would end a later period. */
  private long times;

  TypingUsers(RoomHome home, EventSink members) {
    this.home = home;
    this.members = members;
  }

  void heard(Typing typing) {
    Typist typist = typists.get(typing.user());
    if (typist == null) {
      if (!typing.active()) {
        return;
      }
      typist = new Typist(typing);
      typists.put(typing.user(), typist);
    }
    typist.last = typing;
    long instance = typing.incarnation();
    if (typing.active()) {
      Typist expiring = typist;
      long time = ++times;
      typist.instances.put(instance, time);
      home.lane().schedule(() -> expire(expiring, instance, time), EXPIRY);
    } else {
      typist.instances.remove(instance);
    }
    changed(typist);
  }

  private void expire(Typist typist, long instance, long time) {
    if (typist.instances.remove(instance, time)) {
      changed(typist);
    }
  }

  private void changed(Typist typist) {
    typist.changed = true;
    if (!typist.resting) {
      tell(typist);
    }
  }

  private void tell(Typist typist) {
    typist.changed = false;
    if (!members.isBehind()) {
      Typing last = typist.last;
      members.tell(
          RoomEvent.typing(
              home.name(),
              new Typing(
                  last.incarnation(),
                  last.connection(),
                  last.user(),
                  last.username(),
                  typist.isActive())));
    }
    typist.resting = true;
    home.lane().schedule(() -> rested(typist), RoomTyping.INTERVAL);
  }

  private void rested(Typist typist) {
    typist.resting = false;
    if (typist.changed) {
      tell(typist);
    } else if (!typist.isActive()) {
      typists.remove(typist.last.user());
    }
  }
}
