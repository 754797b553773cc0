package dev.parley.http;

import dev.parley.protocol.ClientFrame;
import dev.parley.protocol.ErrorCode;
import dev.parley.protocol.RoomName;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads a request's query strictly: a misspelt parameter is refused, not passed over. */
public final class QueryParameters {
  private static final long MAX_OFFSET = (1L << 53) - 1;
  private static final int MAX_DIGITS = 16;

  private final Map<String, String[]> values;

  private QueryParameters(Map<String, String[]> values) {
    this.values = values;
  }

  /**
   * @throws RefusedException where another parameter is there, or one of these twice
   */
  public static QueryParameters of(HttpServletRequest request, Set<String> known) {
    Map<String, String[]> values = request.getParameterMap();
    values.forEach((name, all) -> {
      if (!known.contains(name)) {
        throw refused(name, "is not a parameter of this request");
      }
      if (all.length > 1) {
        throw refused(name, "is expected once");
      }
    });
    return new QueryParameters(values);
  }

  /** {@code before}, {@code after} and {@code limit}, as the frame {@code history} has them. */
  static ClientFrame.History history(HttpServletRequest request, RoomName room) {
    QueryParameters query = of(request, Set.of("before", "after", "limit"));
    Long before = query.number("before", 0, MAX_OFFSET);
    Long after = query.number("after", 0, MAX_OFFSET);
    Long limit = query.number("limit", 1, ClientFrame.History.MAX_LIMIT);
    if (before != null && after != null) {
      throw refused("before", "and after exclude each other");
    }
    return new ClientFrame.History(
        null,
        room,
        // Nothing is before 0, nor before 1; the frame's 0 means that none was given.
        before == null ? 0 : Math.max(1, before),
        after == null ? -1 : after,
        limit == null ? ClientFrame.History.DEFAULT_LIMIT : limit.intValue());
  }

  /** Null where it was not given. */
  public @Nullable String text(String name) {
    String[] all = values.get(name);
    return all == null ? null : all[0];
  }

  /** Null where it was not given. */
  public @Nullable Long number(String name, long min, long max) {
    String[] all = values.get(name);
    if (all == null) {
      return null;
    }
    String text = all[0];
    if (!text.isEmpty()
        && text.length() <= MAX_DIGITS
        && text.chars().allMatch(c -> c >= '0' && c <= '9')) {
      long number = Long.parseLong(text);
      if (number >= min && number <= max) {
        return number;
      }
    }
    throw refused(name, "is expected to be a whole number from %d to %d".formatted(min, max));
  }

  private static RefusedException refused(String name, String fault) {
    return RefusedException.parameter(ErrorCode.INVALID_MESSAGE, name, name + " " + fault);
  }
}
