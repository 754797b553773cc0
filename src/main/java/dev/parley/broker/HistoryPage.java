package dev.parley.broker;

import dev.parley.protocol.Epoch;
import java.util.List;

/**
 * Messages of a room's log without those that were deleted, however many those are.
 *
 * @param more whether there are further messages behind the last of these
 */
public record HistoryPage(Epoch epoch, List<Message> messages, boolean more)
    implements Outcome<HistoryPage> {

  /** A message with its place in the log. */
  public record Message(long offset, Entry entry) {}
}
