package dev.parley.http;

import dev.parley.protocol.ClientFrame;
import dev.parley.protocol.ErrorCode;
import dev.parley.protocol.ReadMark;
import dev.parley.protocol.RoomName;
import dev.parley.room.Rooms;
import dev.parley.security.ClientAddress;
import dev.parley.security.IdentityAuthentication;
import dev.parley.security.RequestRates;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedSet;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/**
 * Read marks and what is unread over plain HTTP (docs/PROTOCOL.md, "Over plain HTTP"), for users
 * who may join or read the rooms, and for the scope that may read everywhere.
 */
@RestController
@RequestMapping(path = "/api/v1", produces = MediaType.APPLICATION_JSON_VALUE)
@Tag(name = "receipts")
class ReadReceipts {
  private static final String ROOM = "room";

  private final Rooms rooms;
  private final RequestRates rates;

  ReadReceipts(Rooms rooms, RequestRates rates) {
    this.rooms = rooms;
    this.rates = rates;
  }

  @GetMapping("/rooms/{room}/reads")
  @Operation(
      summary = "Lists a room's read marks",
      description = "The furthest first. Whoever has no mark has read nothing.")
  @ApiResponse(
      responseCode = "200",
      description = "A part of the room's read marks",
      content =
          @Content(
              mediaType = MediaType.APPLICATION_JSON_VALUE,
              schema = @Schema(ref = "#/components/schemas/ReadMarkPage")))
  CompletableFuture<ResponseEntity<byte[]>> readMarks(
      @PathVariable RoomName room,
      @RequestParam(required = false) @Nullable String cursor,
      @RequestParam(required = false) @Nullable String limit,
      IdentityAuthentication user) {
    int most =
        WholeNumber.limit(limit, ClientFrame.Reads.MAX_LIMIT, ClientFrame.Reads.DEFAULT_LIMIT);
    ReadMark after = cursor == null ? null : ReadMark.ofCursor(cursor);
    if (cursor != null && after == null) {
      throw RefusedException.parameter(
          ErrorCode.INVALID_MESSAGE,
          "cursor",
          "cursor is expected to be the next of the page before");
    }
    ClientFrame.Reads page = new ClientFrame.Reads(null, room, after, most);
    return MessageRequests.inquire(rooms.receipts().list(user.identity(), page));
  }

  @GetMapping("/unread")
  @Operation(
      summary = "Counts what the user has not read",
      description =
          "For 1 to 100 rooms, each with the parameter `room`; none is joined. Every room is"
              + " answered by itself, in the order of the parameters.")
  @ApiResponse(
      responseCode = "200",
      description = "How many messages are unread",
      content =
          @Content(
              mediaType = MediaType.APPLICATION_JSON_VALUE,
              schema = @Schema(ref = "#/components/schemas/UnreadCounts")))
  CompletableFuture<ResponseEntity<byte[]>> unread(
      // Declared only: Spring would split a single value at its commas.
      @RequestParam(name = ROOM, required = false) @Nullable List<String> declared,
      IdentityAuthentication user,
      HttpServletRequest request) {
    ClientFrame.Unread question = new ClientFrame.Unread(null, names(request));
    rates.charge(user.identity(), ClientAddress.of(request), question.charge());
    return MessageRequests.inquire(rooms.receipts().unread(user.identity(), question));
  }

  private static List<RoomName> names(HttpServletRequest request) {
    String[] values = request.getParameterValues(ROOM);
    if (values == null || values.length > ClientFrame.Unread.MAX_ROOMS) {
      throw refused("1 to %d rooms are expected".formatted(ClientFrame.Unread.MAX_ROOMS));
    }
    SequencedSet<RoomName> names = new LinkedHashSet<>();
    for (String value : values) {
      RoomName name = RoomName.parse(value);
      if (name == null) {
        throw RefusedException.parameter(
            ErrorCode.INVALID_ROOM, ROOM, ErrorCode.INVALID_ROOM.text());
      }
      if (!names.add(name)) {
        throw refused("each room is expected once");
      }
    }
    return List.copyOf(names);
  }

  private static RefusedException refused(String detail) {
    return RefusedException.parameter(ErrorCode.INVALID_MESSAGE, ROOM, detail);
  }
}
