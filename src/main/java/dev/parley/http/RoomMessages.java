package dev.parley.http;

import dev.parley.protocol.ClientFrame;
import dev.parley.protocol.ErrorCode;
import dev.parley.protocol.Position;
import dev.parley.protocol.RoomName;
import dev.parley.security.IdentityAuthentication;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
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
      @PathVariable RoomName room,
      @RequestHeader(name = "Idempotency-Key", required = false) @Nullable String id,
      IdentityAuthentication user,
      HttpServletRequest request)
      throws IOException {
    return messages.publishAndAnswer(
        user.identity(), request, messages.message(room, id, messages.body(request)));
  }

  @GetMapping
  @Operation(
      summary = "Reads a room's messages",
      description =
          "`before` and `after` are exclusive and exclude each other; with neither, the newest."
              + " Without `limit`: 50.")
  @ApiResponse(
      responseCode = "200",
      description = "A part of the room's history",
      content =
          @Content(
              mediaType = MediaType.APPLICATION_JSON_VALUE,
              schema = @Schema(ref = "#/components/schemas/MessagePage")))
  CompletableFuture<ResponseEntity<byte[]>> readRoom(
      @PathVariable RoomName room,
      @RequestParam(required = false) @Nullable String before,
      @RequestParam(required = false) @Nullable String after,
      @RequestParam(required = false) @Nullable String limit,
      IdentityAuthentication user,
      HttpServletRequest request) {
    return messages.history(user.identity(), request, page(room, before, after, limit));
  }

  /** As the frame {@code history} has it. */
  private static ClientFrame.History page(
      RoomName room, @Nullable String before, @Nullable String after, @Nullable String limit) {
    Long end = WholeNumber.parse("before", before, 0, Position.MAX_OFFSET);
    Long start = WholeNumber.parse("after", after, 0, Position.MAX_OFFSET);
    int most =
        WholeNumber.limit(limit, ClientFrame.History.MAX_LIMIT, ClientFrame.History.DEFAULT_LIMIT);
    if (end != null && start != null) {
      throw RefusedException.parameter(
          ErrorCode.INVALID_MESSAGE, "before", "before and after exclude each other");
    }
    return new ClientFrame.History(
        null,
        room,
        // Nothing is before 0, nor before 1; the frame's 0 means that none was given.
        end == null ? 0 : Math.max(1, end),
        start == null ? -1 : start,
        most);
  }
}
