package dev.parley.broker;

import dev.parley.protocol.Epoch;
import java.util.List;

/**
 * Messages of a room's log without those that were deleted, however many those are.
 *
 * @param failed the log could not be read; the rest is empty then
 * @param more whether there are further messages behind the last of these
 */
public record HistoryPage(boolean failed, Epoch epoch, List<Message> messages, boolean more) {
  public static final HistoryPage FAILED = new HistoryPage(true, Epoch.NONE, List.of(), false);

  /** A message with its place in the log. */
  public record Message(long offset, Entry entry) {}
}
