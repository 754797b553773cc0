package dev.parley.admin;

import dev.parley.admin.cluster.Cluster;
import dev.parley.admin.cluster.Command;
import dev.parley.admin.cluster.CommandResult;
import dev.parley.admin.cluster.Results.ConnectionPage;
import dev.parley.admin.cluster.Results.ConnectionReport;
import dev.parley.admin.cluster.SurveyResult;
import dev.parley.http.MessageRequests;
import dev.parley.http.Published;
import dev.parley.protocol.RoomName;
import dev.parley.protocol.UserId;
import dev.parley.security.IdentityAuthentication;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** One user, wherever connected. */
@RestController
@RequestMapping(path = "/api/v1/users/{user}", produces = MediaType.APPLICATION_JSON_VALUE)
@Tag(name = "users")
public class UsersEndpoint {
  private final Cluster cluster;
  private final MessageRequests messages;

  UsersEndpoint(Cluster cluster, MessageRequests messages) {
    this.cluster = cluster;
    this.messages = messages;
  }

  /**
   * A connection without what only an admin sees.
   *
   * @param since Unix milliseconds
   */
  public record UserConnection(
      String connection, String instance, String transport, long since, List<String> rooms) {}

  /**
   * @param more whether there are connections that are not listed
   */
  public record UserDetails(
      String user, List<UserConnection> connections, boolean more, List<String> silent) {}

  @GetMapping
  @Operation(
      summary = "Shows where a user is connected",
      description = "The list is empty for users who are not connected or do not exist.")
  CompletableFuture<UserDetails> showUser(@PathVariable UserId user) {
    return cluster
        .ask(new Command.ListConnections(null, Paging.MAX_LIMIT, user, null))
        .thenApply(answers -> details(user, answers));
  }

  @PostMapping(path = "/messages", consumes = MediaType.APPLICATION_JSON_VALUE)
  @Operation(
      summary = "Publishes to a user's own room",
      description = "The room `@<user>`, which only that user joins.")
  @ApiResponse(
      responseCode = "200",
      description = "The message is in the room",
      content =
          @Content(
              mediaType = MediaType.APPLICATION_JSON_VALUE,
              schema = @Schema(implementation = Published.class)))
  CompletableFuture<ResponseEntity<byte[]>> publishToUser(
      @PathVariable UserId user,
      @RequestHeader(name = "Idempotency-Key", required = false) @Nullable String id,
      IdentityAuthentication publisher,
      HttpServletRequest request)
      throws IOException {
    return messages.publishAndAnswer(
        publisher.identity(),
        request,
        messages.message(RoomName.of(user), id, messages.body(request)));
  }

  @DeleteMapping("/connections")
  @Operation(
      summary = "Disconnects a user",
      description =
          "Closes all of the user's connections with 4500, after which clients do not come back by"
              + " themselves. Nothing keeps them from doing so.")
  CompletableFuture<CommandResult> disconnectUser(
      @PathVariable UserId user, HttpServletRequest request) {
    return cluster
        .ask(new Command.DisconnectUser(user))
        .thenApply(answers -> Audit.note(request, CommandResult.of(answers)));
  }

  private static UserDetails details(UserId user, SurveyResult<ConnectionPage> answers) {
    return new UserDetails(
        user.value(),
        answers.given().values().stream()
            .flatMap(page -> page.connections().stream())
            .map(UsersEndpoint::withoutDetails)
            .toList(),
        answers.given().values().stream().anyMatch(ConnectionPage::more),
        answers.silentNames());
  }

  private static UserConnection withoutDetails(ConnectionReport connection) {
    return new UserConnection(
        connection.connection(),
        connection.instance(),
        connection.transport(),
        connection.since(),
        connection.rooms());
  }
}
