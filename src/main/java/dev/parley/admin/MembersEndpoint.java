package dev.parley.admin;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.parley.admin.cluster.Cluster;
import dev.parley.admin.cluster.Command;
import dev.parley.admin.cluster.CommandResult;
import dev.parley.admin.cluster.Refusals;
import dev.parley.broker.Outcome;
import dev.parley.broker.Present;
import dev.parley.broker.PresentUsers;
import dev.parley.protocol.RoomName;
import dev.parley.protocol.UserId;
import dev.parley.room.Rooms;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Who is in a room. */
@RestController
@RequestMapping(path = "/api/v1/rooms/{room}/members", produces = MediaType.APPLICATION_JSON_VALUE)
@Tag(name = "rooms")
public class MembersEndpoint {
  /** Longer than the broker takes to give up. */
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final Cluster cluster;
  private final Rooms rooms;

  MembersEndpoint(Cluster cluster, Rooms rooms) {
    this.cluster = cluster;
    this.rooms = rooms;
  }

  /**
   * @param since when the user came, Unix milliseconds
   * @param instances on how many the user has connections in the room
   */
  public record Member(String user, String username, long since, int instances) {}

  /**
   * @param next the next page's {@code cursor}; absent on the last
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record MemberList(String room, List<Member> members, @Nullable String next) {}

  @GetMapping
  @Operation(
      summary = "Lists a room's users",
      description = "Users with connections in the room on any instance, in order of their ids.")
  CompletableFuture<MemberList> listMembers(
      @PathVariable RoomName room,
      @RequestParam(required = false) @Nullable String limit,
      @RequestParam(required = false) @Nullable String cursor) {
    int most = Paging.limit(limit);
    UserId after = Cursor.read(cursor, UserId::parse);
    return rooms
        .members(room, after, most)
        .completeOnTimeout(Outcome.unavailable(), PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
        .thenApplyAsync(outcome -> list(room, outcome), Cluster.THREADS);
  }

  @PutMapping("/{user}")
  @Operation(
      summary = "Puts a user into a room",
      description =
          "Every connection of the user that speaks frames and is not in the room joins it: `joined`"
              + " without `ref`. Policies do not matter, but nobody can be put into another user's own"
              + " room, `@<user id>`. Connections that are opened later are not put into the room.")
  CompletableFuture<CommandResult> putUser(
      @PathVariable RoomName room, @PathVariable UserId user, HttpServletRequest request) {
    if (room.isPersonal() && !room.equals(RoomName.of(user))) {
      throw Refusals.bad("room", "is another user's own room, which nobody else joins");
    }
    return cluster
        .ask(new Command.ForceJoin(user, room))
        .thenApply(answers -> Audit.note(request, CommandResult.of(answers)));
  }

  @DeleteMapping("/{user}")
  @Operation(
      summary = "Removes a user from a room",
      description =
          "Every connection of the user leaves the room: `left` with reason `removed`. Connections to"
              + " /raw/{room} are closed with 4500. If the user may join, it can do so again.")
  CompletableFuture<CommandResult> takeUser(
      @PathVariable RoomName room, @PathVariable UserId user, HttpServletRequest request) {
    return cluster
        .ask(new Command.ForceLeave(user, room))
        .thenApply(answers -> Audit.note(request, CommandResult.of(answers)));
  }

  private static MemberList list(RoomName room, Outcome<PresentUsers> outcome) {
    return switch (outcome) {
      case PresentUsers(List<Present> users, boolean more) ->
          new MemberList(
              room.value(),
              users.stream().map(MembersEndpoint::member).toList(),
              more ? Cursor.of(users.getLast().user().value()) : null);
      case Outcome.Refused<PresentUsers> _ -> throw Refusals.brokerUnavailable();
    };
  }

  private static Member member(Present present) {
    return new Member(
        present.user().value(), present.username(), present.since(), present.instances());
  }
}
