package dev.parley.admin;

import dev.parley.access.Identity;
import dev.parley.admin.cluster.Refusals;
import dev.parley.http.MessageRequests;
import dev.parley.http.RefusedException;
import dev.parley.protocol.ClientFrame;
import dev.parley.protocol.ErrorCode;
import dev.parley.protocol.MessageBatch;
import dev.parley.protocol.RoomName;
import dev.parley.protocol.ServerFrame;
import dev.parley.security.ClientAddress;
import dev.parley.security.IdentityAuthentication;
import dev.parley.security.RequestRates;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedSet;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.core.JsonParser;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Many messages in one request: each of its own, or one to many rooms. */
@RestController
@Tag(name = "messages")
public class MessagesEndpoint {
  public static final int MAX_ROOMS = 100;

  /** Numbers and names of the content may be as long as the body, as they may elsewhere. */
  private static final JsonMapper JSON =
      new JsonMapper(
          JsonFactory.builder()
              .streamReadConstraints(
                  StreamReadConstraints.builder()
                      .maxNumberLength(Integer.MAX_VALUE)
                      .maxNameLength(Integer.MAX_VALUE)
                      .build())
              .build());

  /** Any name: the message is decoded for it and then given each room in turn. */
  private static final RoomName NO_ROOM = new RoomName("-");

  /** A rate that refuses has room for one more after that long, at the latest. */
  private static final long RETRY_MS = 1_000;

  private final MessageRequests messages;
  private final RequestRates rates;

  MessagesEndpoint(MessageRequests messages, RequestRates rates) {
    this.messages = messages;
    this.rates = rates;
  }

  /** In the order of the messages, or of the rooms. */
  public record PublishedToMany(List<PublishResult> results) {}

  /**
   * A message of the request.
   *
   * @param path JSON Pointer of what it is in the body
   */
  private record Part(ClientFrame.Message message, String path, boolean tooLarge) {}

  @PostMapping(
      path = MessageRequests.BATCH_PATH,
      consumes = MediaType.APPLICATION_JSON_VALUE,
      produces = MediaType.APPLICATION_JSON_VALUE)
  @Operation(
      summary = "Publishes many messages",
      description =
          "Either `messages`, each to a room of its own choice, or one message to each of 1 to 100"
              + " `rooms`. Every message is checked, published and answered by itself: the answer is"
              + " 200 even if all results are errors. Messages to one room are published in the"
              + " order of the request. Each message counts as a request; those that the rate does"
              + " not allow are `rate_limited`, and they are the last. A body that breaks the rules"
              + " is refused as a whole, before anything is published. The whole request can be made"
              + " again if its messages have an `id`, or with an `Idempotency-Key` beside `rooms`.")
  CompletableFuture<PublishedToMany> publishToMany(
      @RequestHeader(name = "Idempotency-Key", required = false) @Nullable String id,
      IdentityAuthentication publisher,
      HttpServletRequest request)
      throws IOException {
    byte[] body = messages.batchBody(request);
    List<MessageBatch.Item> batch = messages.batch(body);
    return publish(
        publisher.identity(), request, batch == null ? toRooms(id, body) : parts(id, batch));
  }

  private CompletableFuture<PublishedToMany> publish(
      Identity publisher, HttpServletRequest request, List<Part> parts) {
    // The request itself was counted at the door.
    int allowed = rates.tryAcquire(publisher, ClientAddress.of(request), parts.size(), 1);
    List<Part> sent = parts.stream().limit(allowed).filter(part -> !part.tooLarge()).toList();
    return messages
        .publish(publisher, request, sent.stream().map(Part::message).toList())
        .thenApply(answers -> {
          Iterator<ServerFrame> next = answers.iterator();
          List<PublishResult> results = new ArrayList<>(parts.size());
          for (Part part : parts) {
            RoomName room = part.message().room();
            results.add(
                results.size() >= allowed
                    ? PublishResult.refused(room, ErrorCode.RATE_LIMITED, part.path(), RETRY_MS)
                    : part.tooLarge()
                        ? PublishResult.refused(room, ErrorCode.TOO_LARGE, part.path(), null)
                        : PublishResult.of(room, next.next(), part.path()));
          }
          return new PublishedToMany(results);
        });
  }

  private List<Part> parts(@Nullable String id, List<MessageBatch.Item> batch) {
    if (id != null) {
      throw Refusals.bad(
          "Idempotency-Key", "is for one message: of many each has an id of its own");
    }
    List<Part> parts = new ArrayList<>(batch.size());
    for (MessageBatch.Item item : batch) {
      parts.add(
          new Part(
              item.message(),
              MessageBatch.pointer(parts.size()),
              messages.isTooLarge(item.bytes())));
    }
    return parts;
  }

  private List<Part> toRooms(@Nullable String id, byte[] body) {
    ClientFrame.Message message = messages.message(NO_ROOM, id, body);
    List<Part> parts = new ArrayList<>();
    for (RoomName room : rooms(field(body, "rooms"))) {
      parts.add(new Part(to(room, message), "/rooms/" + parts.size(), false));
    }
    return parts;
  }

  /** The field of a body that is JSON; nothing else of the body is read. */
  private static @Nullable JsonNode field(byte[] body, String wanted) {
    try (JsonParser parser = JSON.createParser(body)) {
      parser.nextToken();
      for (String name = parser.nextName(); name != null; name = parser.nextName()) {
        parser.nextToken();
        if (name.equals(wanted)) {
          return parser.readValueAsTree();
        }
        parser.skipChildren();
      }
      return null;
    }
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
