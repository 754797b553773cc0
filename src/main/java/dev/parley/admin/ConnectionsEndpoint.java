package dev.parley.admin;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.parley.admin.cluster.Cluster;
import dev.parley.admin.cluster.Command;
import dev.parley.admin.cluster.CommandResult;
import dev.parley.admin.cluster.ConnectionName;
import dev.parley.admin.cluster.InstanceName;
import dev.parley.admin.cluster.Refusals;
import dev.parley.admin.cluster.Results.ConnectionPage;
import dev.parley.admin.cluster.Results.ConnectionReport;
import dev.parley.admin.cluster.Results.Done;
import dev.parley.admin.cluster.Results.Found;
import dev.parley.admin.cluster.SurveyResult;
import dev.parley.protocol.RoomName;
import dev.parley.protocol.UserId;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import java.util.ArrayList;
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

/** Connections of all instances, one by one. */
@RestController
@RequestMapping(path = "/api/v1/connections", produces = MediaType.APPLICATION_JSON_VALUE)
@Tag(name = "connections")
public class ConnectionsEndpoint {
  private final Cluster cluster;

  ConnectionsEndpoint(Cluster cluster) {
    this.cluster = cluster;
  }

  /**
   * @param next the next page's {@code cursor}; absent on the last
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record ConnectionList(
      List<ConnectionReport> connections, @Nullable String next, List<String> silent) {}

  @GetMapping
  @Operation(
      summary = "Lists connections",
      description = "Ordered by instance, then by age. User, room and instance filter the list.")
  @ApiResponse(responseCode = "200", description = "OK", useReturnTypeSchema = true)
  @ApiResponse(responseCode = "404", description = "There is no such instance")
  CompletableFuture<ConnectionList> listConnections(
      @RequestParam(required = false) @Nullable UserId user,
      @RequestParam(required = false) @Nullable RoomName room,
      @RequestParam(required = false) @Nullable InstanceName instance,
      @RequestParam(required = false) @Nullable String limit,
      @RequestParam(required = false) @Nullable String cursor) {
    int most = Paging.limit(limit);
    ConnectionName after = Cursor.read(cursor, ConnectionName::parse);
    Command.ListConnections list = new Command.ListConnections(after, most, user, room);
    return (instance == null ? cluster.ask(list) : cluster.ask(list, cluster.known(instance)))
        .thenApply(answers -> page(answers, most));
  }

  @GetMapping("/{connection}")
  @Operation(summary = "Shows a connection")
  @ApiResponse(responseCode = "200", description = "OK", useReturnTypeSchema = true)
  @ApiResponse(responseCode = "404", description = "There is no such connection")
  CompletableFuture<ConnectionReport> showConnection(@PathVariable ConnectionName connection) {
    return cluster
        .ask(new Command.FindConnection(connection.number()), cluster.known(connection.instance()))
        .thenApply(answers -> {
          Found found = answers.only(connection.instance());
          if (found.connection() == null) {
            throw gone();
          }
          return found.connection();
        });
  }

  @DeleteMapping("/{connection}")
  @Operation(
      summary = "Disconnects a connection",
      description = "Closes it with 4500, after which its client does not come back by itself.")
  @ApiResponse(responseCode = "200", description = "OK", useReturnTypeSchema = true)
  @ApiResponse(responseCode = "404", description = "There is no such connection")
  CompletableFuture<CommandResult> disconnect(
      @PathVariable ConnectionName connection, HttpServletRequest request) {
    return cluster
        .ask(new Command.Disconnect(connection.number()), cluster.known(connection.instance()))
        .thenApply(answers -> {
          Done done = answers.only(connection.instance());
          if (done.connections() == 0) {
            throw gone();
          }
          return Audit.note(request, CommandResult.of(answers));
        });
  }

  private static RuntimeException gone() {
    return Refusals.notFound("There is no such connection");
  }

  private static ConnectionList page(SurveyResult<ConnectionPage> answers, int limit) {
    List<ConnectionReport> page = new ArrayList<>();
    boolean more = false;
    for (ConnectionPage part : answers.given().values()) {
      if (more) {
        break;
      }
      int room = limit - page.size();
      page.addAll(part.connections().subList(0, Math.min(room, part.connections().size())));
      // What one instance has left comes before anything of the next.
      more = part.more() || part.connections().size() > room;
    }
    String next = more && !page.isEmpty() ? Cursor.of(page.getLast().connection()) : null;
    return new ConnectionList(page, next, answers.silentNames());
  }
}
