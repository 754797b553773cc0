package dev.parley.cluster;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What anybody was ever told to stand at a position, by a message or an acknowledgement. Two
 * different messages at one of them is the worst that can happen: nobody could resume any more.
 */
public class Ledger {
  private record Position(String room, String epoch, long offset) {}

  private final ConcurrentHashMap<Position, String> messages = new ConcurrentHashMap<>();
  private final List<String> conflicts = Collections.synchronizedList(new ArrayList<>());

  void note(String room, String epoch, long offset, String message) {
    Position position = new Position(room, epoch, offset);
    String known = messages.putIfAbsent(position, message);
    if (known != null && !known.equals(message)) {
      conflicts.add(position + " is " + known + " and " + message);
    }
  }

  /** Called when a message is sent, again when it is sent again. */
  public void sent(String message) {
    // Only those who measure want to know.
  }

  /** Called when a member is sent a message. */
  public void heard(String message) {
    // Only those who measure want to know.
  }

  public List<String> conflicts() {
    return conflicts;
  }
}
