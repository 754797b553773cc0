package dev.parley.broker.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.parley.broker.Present;
import dev.parley.broker.PresentUsers;
import dev.parley.protocol.UserId;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Finds the first users of a room by id while its presence is read in pieces, in whatever order
 * Redis has it: sorting there would hold Redis up where a room is large. Used by one thread at a
 * time.
 */
final class PresenceScan {
  private static final JsonMapper JSON = JsonMapper.shared();

  private final @Nullable UserId after;
  private final int limit;

  /** The first so far, one beyond the limit; a piece may repeat what another had. */
  private final TreeMap<String, byte[]> first = new TreeMap<>();

  PresenceScan(@Nullable UserId after, int limit) {
    this.after = after;
    this.limit = limit;
  }

  void add(Map<String, byte[]> piece) {
    piece.forEach((user, presence) -> {
      if ((after == null || user.compareTo(after.value()) > 0)
          && (first.size() <= limit || user.compareTo(first.lastKey()) <= 0)) {
        first.put(user, presence);
        if (first.size() > limit + 1) {
          first.pollLastEntry();
        }
      }
    });
  }

  PresentUsers found() {
    return PresentUsers.upTo(
        limit,
        first.entrySet().stream()
            .map(entry -> present(new UserId(entry.getKey()), entry.getValue()))
            .toList());
  }

  private static Present present(UserId user, byte[] presence) {
    JsonNode json = JSON.readTree(new String(presence, UTF_8));
    return new Present(
        user,
        json.path("username").asString(),
        Long.parseLong(json.path("since").asString()),
        json.path("at").size());
  }
}
