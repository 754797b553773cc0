package dev.parley.room;

import dev.parley.delivery.Lane;
import dev.parley.delivery.Outbound;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The turns of those who catch up on one lane: of each connection one reads a page at a time, and
 * only while the connection has room for what comes. The rooms of a connection take turns with each
 * page, so none waits for another one's whole log. Owned by the lane.
 */
final class ReplayTurns {
  private final Map<Participant, Turns> turns = new HashMap<>();

  /** Calls {@link CatchUp#read} when it is its turn; that ends with {@link #done}. */
  void await(CatchUp next) {
    Turns own = turns.computeIfAbsent(next.participant(), Turns::new);
    own.waiting.add(next);
    own.goOn();
  }

  /** The turn is over. */
  void done(CatchUp reader) {
    Turns own = turns.get(reader.participant());
    if (own != null) {
      own.reading = null;
      own.goOn();
    }
  }

  /** Wants no turn any more; one that it has goes on until it is {@link #done}. */
  void leave(CatchUp gone) {
    Turns own = turns.get(gone.participant());
    if (own != null && own.waiting.remove(gone)) {
      own.forgetIfIdle();
    }
  }

  private final class Turns {
    private final Participant participant;
    private final ArrayDeque<CatchUp> waiting = new ArrayDeque<>();
    private @Nullable CatchUp reading;
    private boolean waitsForRoom;

    /** A page that is there already is answered at once: then the loop goes on. */
    private boolean running;

    Turns(Participant participant) {
      this.participant = participant;
    }

    void goOn() {
      if (running) {
        return;
      }
      running = true;
      while (reading == null && !waiting.isEmpty() && hasRoom()) {
        CatchUp next = waiting.remove();
        reading = next;
        if (!Lane.attempt(next::read)) {
          reading = null;
        }
      }
      running = false;
      forgetIfIdle();
    }

    private boolean hasRoom() {
      Outbound outbound = participant.outbound();
      if (!outbound.hasRoom() && !waitsForRoom) {
        waitsForRoom = true;
        outbound.whenRoom(() -> {
          waitsForRoom = false;
          goOn();
        });
      }
      return outbound.hasRoom();
    }

    void forgetIfIdle() {
      if (reading == null && waiting.isEmpty() && !running) {
        // Others may have begun anew meanwhile: those are not this one's to forget.
        turns.remove(participant, this);
      }
    }
  }
}
