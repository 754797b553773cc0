package dev.parley.broker;

import java.util.List;

/**
 * Some of the users in a room, on all instances, in order of their ids.
 *
 * @param more whether there are others behind them
 */
public record PresentUsers(List<Present> users, boolean more) implements Outcome<PresentUsers> {

  /**
   * @param found one more than the limit if there are more
   */
  public static PresentUsers upTo(int limit, List<Present> found) {
    boolean more = found.size() > limit;
    return new PresentUsers(more ? List.copyOf(found.subList(0, limit)) : found, more);
  }
}
