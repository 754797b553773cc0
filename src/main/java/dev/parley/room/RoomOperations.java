package dev.parley.room;

import dev.parley.broker.Deletion;
import dev.parley.broker.Outcome;
import dev.parley.broker.PresentUsers;
import dev.parley.delivery.Lane;
import dev.parley.delivery.Lanes;
import dev.parley.protocol.RoomName;
import dev.parley.protocol.UserId;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** What operators do to rooms and see of them; the answers come from the rooms' home lanes. */
final class RoomOperations {
  private static final Comparator<RoomView> BY_NAME =
      Comparator.comparing((RoomView view) -> view.name().value());

  private final Lanes lanes;
  private final OpenRooms open;

  RoomOperations(Lanes lanes, OpenRooms open) {
    this.lanes = lanes;
    this.open = open;
  }

  CompletableFuture<Outcome<Deletion>> delete(RoomName name, long offset) {
    CompletableFuture<Outcome<Deletion>> answer = new CompletableFuture<>();
    open.inRoom(name, room -> room.channel().delete(offset, answer::complete));
    return answer;
  }

  CompletableFuture<Integer> close(RoomName name) {
    CompletableFuture<Integer> answer = new CompletableFuture<>();
    open.ifOpen(name, room -> close(room, answer), () -> answer.complete(0));
    return answer;
  }

  private static void close(Room room, CompletableFuture<Integer> answer) {
    var _ =
        room.close()
            .whenComplete((gone, fault) -> {
              if (fault == null) {
                answer.complete(gone);
              } else {
                answer.completeExceptionally(fault);
              }
            });
  }

  CompletableFuture<@Nullable RoomView> view(RoomName name) {
    CompletableFuture<@Nullable RoomView> answer = new CompletableFuture<>();
    open.ifOpen(
        name,
        room -> answer.complete(room.isOpen() ? room.view() : null),
        () -> answer.complete(null));
    return answer;
  }

  CompletableFuture<List<RoomView>> list(@Nullable RoomName after, int limit) {
    return lanes
        .collect(lane -> first(lane, after, limit))
        .thenApply(
            parts -> parts.stream().flatMap(List::stream).sorted(BY_NAME).limit(limit).toList());
  }

  /** The first of one lane by name; sorting all would hold the lane up if there are many. */
  private List<RoomView> first(Lane lane, @Nullable RoomName after, int limit) {
    PriorityQueue<Room> first =
        new PriorityQueue<>(Comparator.comparing((Room room) -> room.name().value()).reversed());
    for (Room room : open.on(lane)) {
      if (room.isOpen() && (after == null || room.name().value().compareTo(after.value()) > 0)) {
        first.add(room);
        if (first.size() > limit) {
          first.remove();
        }
      }
    }
    return first.stream().map(Room::view).toList();
  }

  CompletableFuture<Outcome<PresentUsers>> members(
      RoomName name, @Nullable UserId after, int limit) {
    CompletableFuture<Outcome<PresentUsers>> answer = new CompletableFuture<>();
    open.inRoom(name, room -> room.channel().present(after, limit, answer::complete));
    return answer;
  }
}
