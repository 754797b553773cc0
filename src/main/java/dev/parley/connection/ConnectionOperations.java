package dev.parley.connection;

import dev.parley.delivery.Lane;
import dev.parley.protocol.RoomName;
import dev.parley.protocol.UserId;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * What operators do to the connections of this instance and see of them. Each lane answers for its
 * own; may be called from any thread.
 */
@Component
public class ConnectionOperations {
  private final Connections connections;

  ConnectionOperations(Connections connections) {
    this.connections = connections;
  }

  /**
   * Has every connection of the user on this instance that speaks frames join the room, as {@code
   * join} without {@code since} does; the policies are not asked. Answers how many are joining;
   * those that are in it, or in as many rooms as they may, are not.
   */
  public CompletableFuture<Integer> forceJoin(UserId user, RoomName room) {
    return act(each -> each.identity().user().equals(user) && each.forceJoin(room));
  }

  /**
   * Has every connection of the user on this instance leave the room: {@code left} with reason
   * {@code removed}; one that is nothing but this room is closed with 4500. Answers how many.
   */
  public CompletableFuture<Integer> forceLeave(UserId user, RoomName room) {
    return act(each -> each.identity().user().equals(user) && each.forceLeave(room));
  }

  /** Closes the user's connections to this instance with 4500; answers how many. */
  public CompletableFuture<Integer> disconnect(UserId user) {
    return act(each -> each.identity().user().equals(user) && each.disconnect());
  }

  /** Closes one connection of this instance with 4500; false if there is none of this id. */
  public CompletableFuture<Boolean> disconnect(long id) {
    return act(each -> each.id() == id && each.disconnect()).thenApply(closed -> closed > 0);
  }

  /** One connection of this instance; null if there is none of this id. */
  public CompletableFuture<@Nullable ConnectionView> find(long id) {
    return list(id - 1, 1, null, null)
        .thenApply(
            found -> found.isEmpty() || found.getFirst().id() != id ? null : found.getFirst());
  }

  /**
   * The connections of this instance in order of their ids.
   *
   * @param after only those behind this id; all if it is null
   * @param limit at least 1
   * @param user only this user's; everybody's if it is null
   * @param room only those that are in this room; all if it is null
   */
  public CompletableFuture<List<ConnectionView>> list(
      @Nullable Long after, int limit, @Nullable UserId user, @Nullable RoomName room) {
    long least = after == null ? Long.MIN_VALUE : after;
    Predicate<Connection> wanted =
        each ->
            each.id() > least
                && (user == null || each.identity().user().equals(user))
                && (room == null || each.isIn(room));
    Function<Lane, List<ConnectionView>> first =
        lane -> connections.on(lane).first(limit, wanted).stream().map(Connection::view).toList();
    return connections
        .lanes()
        .collect(first)
        .thenApply(parts ->
            parts.stream()
                .flatMap(List::stream)
                .sorted(Comparator.comparingLong(ConnectionView::id))
                .limit(limit)
                .toList());
  }

  /** Acts on every connection, each on its lane; answers for how many it held. */
  private CompletableFuture<Integer> act(Predicate<Connection> action) {
    return connections
        .lanes()
        .collect(lane -> connections.on(lane).copy().stream().filter(action).count())
        .thenApply(counts -> counts.stream().mapToInt(Long::intValue).sum());
  }
}
