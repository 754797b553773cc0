package dev.parley.admin;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.parley.admin.RoomMerge.RoomSummary;
import dev.parley.admin.cluster.Cluster;
import dev.parley.admin.cluster.Command;
import dev.parley.admin.cluster.CommandResult;
import dev.parley.admin.cluster.Refusals;
import dev.parley.broker.Deletion;
import dev.parley.broker.Outcome;
import dev.parley.protocol.RoomName;
import dev.parley.room.Rooms;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Rooms, as all instances together have them. */
@RestController
@RequestMapping(path = "/api/v1/rooms", produces = MediaType.APPLICATION_JSON_VALUE)
@Tag(name = "rooms")
public class RoomsEndpoint {
  private final Cluster cluster;
  private final Rooms rooms;

  RoomsEndpoint(Cluster cluster, Rooms rooms) {
    this.cluster = cluster;
    this.rooms = rooms;
  }

  /**
   * @param next the next page's {@code cursor}; absent on the last
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record RoomList(List<RoomSummary> rooms, @Nullable String next, List<String> silent) {}

  /** A message that is no more. */
  public record Deleted(String room, long offset) {}

  @GetMapping
  @Operation(
      summary = "Lists open rooms",
      description = "Rooms that are open on an instance, in order of their names.")
  CompletableFuture<RoomList> listRooms(
      @RequestParam(required = false) @Nullable String limit,
      @RequestParam(required = false) @Nullable String cursor) {
    int most = Paging.limit(limit);
    RoomName after = Cursor.read(cursor, RoomName::parse);
    return cluster
        .ask(new Command.ListRooms(after, most))
        .thenApply(answers -> RoomMerge.page(answers, most));
  }

  @GetMapping("/{room}")
  @Operation(
      summary = "Shows an open room",
      description =
          "404 where no instance has the room open; its messages may be kept all the same.")
  @ApiResponse(responseCode = "200", description = "OK", useReturnTypeSchema = true)
  @ApiResponse(responseCode = "404", description = "No instance has the room open")
  CompletableFuture<RoomMerge.RoomDetails> showRoom(@PathVariable RoomName room) {
    return cluster
        .ask(new Command.FindRoom(room))
        .thenApply(answers -> RoomMerge.details(room, answers));
  }

  @DeleteMapping("/{room}")
  @Operation(
      summary = "Closes a room",
      description =
          "Removes everybody from the room on all instances: `left` with reason `closed`. Its"
              + " messages stay, and users who may join it can do so again.")
  CompletableFuture<CommandResult> closeRoom(
      @PathVariable RoomName room, HttpServletRequest request) {
    return cluster
        .ask(new Command.CloseRoom(room))
        .thenApply(answers -> Audit.note(request, CommandResult.of(answers)));
  }

  @DeleteMapping("/{room}/messages/{offset}")
  @Operation(
      summary = "Deletes a message",
      description =
          "Removes its content for good and tells the room `deleted`; its offset stays. 404 if"
              + " there is no such message: it never existed, is no longer kept, or was deleted.")
  @ApiResponse(responseCode = "200", description = "OK", useReturnTypeSchema = true)
  @ApiResponse(responseCode = "404", description = "There is no such message")
  CompletableFuture<Deleted> deleteMessage(
      @PathVariable RoomName room, @PathVariable MessageOffset offset) {
    return rooms
        .delete(room, offset.value())
        .thenApplyAsync(outcome -> answer(outcome, room, offset.value()), Cluster.THREADS);
  }

  private static Deleted answer(Outcome<Deletion> outcome, RoomName room, long offset) {
    return switch (outcome) {
      case Deletion.DELETED -> new Deleted(room.value(), offset);
      case Deletion.ABSENT -> throw Refusals.notFound("There is no such message");
      case Outcome.Refused<Deletion> _ ->
          throw Refusals.unconfirmed(
              "The broker did not answer: the message may or may not be deleted");
    };
  }
}
