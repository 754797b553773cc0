package dev.parley.http;

import dev.parley.protocol.ErrorCode;
import dev.parley.protocol.RoomName;
import dev.parley.security.IdentityAuthentication;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.enums.ParameterIn;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * A room's messages over plain HTTP (docs/PROTOCOL.md, "Over plain HTTP"): publishing and reading,
 * for users who may, and for the scopes that may everywhere.
 */
@RestController
@RequestMapping(path = "/api/v1/rooms/{room}/messages", produces = MediaType.APPLICATION_JSON_VALUE)
@Tag(name = "messages")
class RoomMessages {
  private final MessageRequests messages;

  RoomMessages(MessageRequests messages) {
    this.messages = messages;
  }

  @PostMapping(consumes = MediaType.APPLICATION_JSON_VALUE)
  @Operation(
      summary = "Publishes to a room",
      description = "Answers once the broker has the message, with its place in the room.")
  @ApiResponse(
      responseCode = "200",
      description = "The message is in the room",
      content =
          @Content(
              mediaType = MediaType.APPLICATION_JSON_VALUE,
              schema = @Schema(implementation = Published.class)))
  CompletableFuture<ResponseEntity<byte[]>> publishToRoom(
      @PathVariable String room,
      @RequestHeader(name = "Idempotency-Key", required = false) @Nullable String id,
      IdentityAuthentication user,
      HttpServletRequest request)
      throws IOException {
    RoomName name = name(room);
    QueryParameters.of(request, Set.of());
    return messages.publishAndAnswer(
        user.identity(), request, messages.message(name, id, messages.body(request)));
  }

  @GetMapping
  @Operation(
      summary = "Reads a room's messages",
      description =
          "`before` and `after` are exclusive and exclude each other; with neither, the newest."
              + " Without `limit`: 50.")
  @Parameter(name = "before", in = ParameterIn.QUERY)
  @Parameter(name = "after", in = ParameterIn.QUERY)
  @Parameter(name = "limit", in = ParameterIn.QUERY)
  @ApiResponse(
      responseCode = "200",
      description = "A part of the room's history",
      content =
          @Content(
              mediaType = MediaType.APPLICATION_JSON_VALUE,
              schema = @Schema(ref = "#/components/schemas/MessagePage")))
  CompletableFuture<ResponseEntity<byte[]>> readRoom(
      @PathVariable String room, IdentityAuthentication user, HttpServletRequest request) {
    RoomName name = name(room);
    return messages.history(user.identity(), request, QueryParameters.history(request, name));
  }

  private static RoomName name(String room) {
    RoomName name = RoomName.parse(room);
    if (name == null) {
      throw RefusedException.parameter(
          ErrorCode.INVALID_ROOM, "room", ErrorCode.INVALID_ROOM.text());
    }
    return name;
  }
}
