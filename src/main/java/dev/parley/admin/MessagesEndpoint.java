package dev.parley.admin;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.parley.admin.cluster.Refusals;
import dev.parley.http.MessageRequests;
import dev.parley.http.Published;
import dev.parley.http.RefusedException;
import dev.parley.protocol.ClientFrame;
import dev.parley.protocol.ErrorCode;
import dev.parley.protocol.RoomName;
import dev.parley.protocol.ServerFrame;
import dev.parley.security.IdentityAuthentication;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedSet;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** One message to many rooms. */
@RestController
@Tag(name = "messages")
public class MessagesEndpoint {
  public static final int MAX_ROOMS = 100;

  private static final JsonMapper JSON = JsonMapper.shared();

  /** Any name: the message is decoded for it and then given each room in turn. */
  private static final RoomName NO_ROOM = new RoomName("-");

  private final MessageRequests messages;

  MessagesEndpoint(MessageRequests messages) {
    this.messages = messages;
  }

  /**
   * What became of the message in one room: the fields of an `ack`, or a `code` with its text.
   *
   * @param error for people
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Result(
      String room,
      @Nullable Long offset,
      @Nullable String epoch,
      @Nullable Long timestamp,
      @Nullable Boolean duplicate,
      @Nullable String code,
      @Nullable String error) {

    static Result of(RoomName room, ServerFrame answer) {
      if (answer instanceof ServerFrame.Ack ack) {
        Published place = Published.of(ack);
        return new Result(
            place.room(),
            place.offset(),
            place.epoch(),
            place.timestamp(),
            place.duplicate(),
            null,
            null);
      }
      ErrorCode code =
          answer instanceof ServerFrame.Failure failure ? failure.code() : ErrorCode.INTERNAL;
      return new Result(room.value(), null, null, null, null, code.wireName(), code.text());
    }
  }

  /** In the order of the rooms. */
  public record PublishedToMany(List<Result> results) {}

  @PostMapping(
      path = "/api/v1/messages",
      consumes = MediaType.APPLICATION_JSON_VALUE,
      produces = MediaType.APPLICATION_JSON_VALUE)
  @Operation(
      summary = "Publishes to many rooms",
      description =
          "The same message to each of 1 to 100 rooms. Rooms do not depend on each other: each has"
              + " a result of its own, and the answer is 200 even if all of them are errors. With an"
              + " `Idempotency-Key` the whole request can be made again.")
  CompletableFuture<PublishedToMany> publishToMany(
      @RequestHeader(name = "Idempotency-Key", required = false) @Nullable String id,
      IdentityAuthentication publisher,
      HttpServletRequest request)
      throws IOException {
    Refusals.anyQuery(request);
    byte[] body = messages.body(request);
    ClientFrame.Message message = messages.message(NO_ROOM, id, body);
    SequencedSet<RoomName> rooms = rooms(JSON.readTree(body).get("rooms"));
    Audit.note(
        request, "rooms", rooms.stream().map(RoomName::value).collect(Collectors.joining(",")));
    List<CompletableFuture<Result>> results =
        rooms.stream()
            .map(room ->
                messages
                    .publish(publisher.identity(), request, to(room, message))
                    .thenApply(answer -> Result.of(room, answer)))
            .toList();
    return CompletableFuture.allOf(results.toArray(CompletableFuture[]::new))
        .thenApply(_ -> {
          var all = new PublishedToMany(results.stream().map(CompletableFuture::join).toList());
          Audit.note(
              request, "accepted", all.results().stream().filter(r -> r.code() == null).count());
          return all;
        });
  }

  private static ClientFrame.Message to(RoomName room, ClientFrame.Message message) {
    return new ClientFrame.Message(
        null, room, message.content(), message.id(), message.name(), message.key(), true);
  }

  private static SequencedSet<RoomName> rooms(@Nullable JsonNode list) {
    if (list == null || !list.isArray() || list.isEmpty() || list.size() > MAX_ROOMS) {
      throw RefusedException.field(
          "/rooms", "rooms: an array of 1 to %d room names is expected".formatted(MAX_ROOMS));
    }
    SequencedSet<RoomName> rooms = new LinkedHashSet<>();
    for (int i = 0; i < list.size(); i++) {
      JsonNode entry = list.get(i);
      RoomName room = entry.isString() ? RoomName.parse(entry.stringValue()) : null;
      if (room == null || !rooms.add(room)) {
        throw RefusedException.field(
            "/rooms/" + i, "rooms: room names are expected, each of them once");
      }
    }
    return rooms;
  }
}
