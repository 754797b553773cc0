package dev.parley.http;

import dev.parley.access.ClientAddress;
import dev.parley.access.Identity;
import dev.parley.access.IdentityAuthentication;
import dev.parley.access.KeyedRateLimit;
import dev.parley.access.LimitsProperties;
import dev.parley.connection.ConnectionMetrics;
import dev.parley.connection.WebSocketProperties;
import dev.parley.protocol.ClientFrame;
import dev.parley.protocol.ErrorCode;
import dev.parley.protocol.MessageBody;
import dev.parley.protocol.RoomName;
import dev.parley.protocol.ServerFrame;
import dev.parley.room.Rooms;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.io.InputStream;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
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
 * for users who may and for scope {@code parley.admin}. {@link Rooms} answers on a lane; the
 * request waits without a thread, and its answer is written by a virtual one.
 */
@RestController
@RequestMapping(path = "/api/v1/rooms/{room}/messages", produces = MediaType.APPLICATION_JSON_VALUE)
class RoomMessages {
  private static final int MAX_ID = 64;

  /** Longer than the broker takes to give up, shorter than the container. */
  private static final long TIMEOUT_SECONDS = 20;

  private static final Executor WRITERS =
      task -> Thread.ofVirtual().name("rest-answer").start(task);

  private final Rooms rooms;
  private final ConnectionMetrics metrics;
  private final KeyedRateLimit limit;
  private final int maxBytes;

  RoomMessages(
      Rooms rooms,
      LimitsProperties limits,
      WebSocketProperties webSocket,
      ConnectionMetrics metrics) {
    this.metrics = metrics;
    this.rooms = rooms;
    this.limit = KeyedRateLimit.requests(limits);
    this.maxBytes = Math.toIntExact(webSocket.maxMessageBytes().toBytes());
  }

  @PostMapping(consumes = MediaType.APPLICATION_JSON_VALUE)
  CompletableFuture<ResponseEntity<byte[]>> publish(
      @PathVariable String room,
      @RequestHeader(name = "Idempotency-Key", required = false) @Nullable String id,
      IdentityAuthentication user,
      HttpServletRequest request)
      throws IOException {
    RoomName name = admit(room, user.identity(), request);
    QueryParameters.of(request, Set.of());
    if (id != null && !isId(id)) {
      throw new RefusedException(
          ErrorCode.INVALID_MESSAGE, "Idempotency-Key: 1-64 printable characters are expected");
    }
    ClientFrame frame = MessageBody.decode(name, id, body(request));
    return switch (frame) {
      case ClientFrame.Message message ->
          answer(rooms.publish(user.identity(), message), ErrorCode.UNCONFIRMED);
      case ClientFrame.Refused refused -> throw new RefusedException(refused);
      case ClientFrame.Join _,
          ClientFrame.Leave _,
          ClientFrame.Signal _,
          ClientFrame.Typing _,
          ClientFrame.History _,
          ClientFrame.Ping _ ->
          throw new IllegalStateException("not a message: " + frame);
    };
  }

  @GetMapping
  CompletableFuture<ResponseEntity<byte[]>> history(
      @PathVariable String room, IdentityAuthentication user, HttpServletRequest request) {
    RoomName name = admit(room, user.identity(), request);
    ClientFrame.History page = QueryParameters.history(request, name);
    return answer(rooms.history(user.identity(), page), ErrorCode.BROKER_UNAVAILABLE);
  }

  private RoomName admit(String room, Identity user, HttpServletRequest request) {
    // A guest is another user with each request, so it counts by where it comes from.
    long wait =
        limit.tryAcquire(user.guest() ? "guest " + ClientAddress.of(request) : user.user().value());
    if (wait > 0) {
      metrics.rateLimited();
      throw RefusedException.rateLimited(wait);
    }
    RoomName name = RoomName.parse(room);
    if (name == null) {
      throw new RefusedException(ErrorCode.INVALID_ROOM, ErrorCode.INVALID_ROOM.text());
    }
    return name;
  }

  private byte[] body(HttpServletRequest request) throws IOException {
    if (request.getContentLengthLong() > maxBytes) {
      throw tooLarge();
    }
    try (InputStream in = request.getInputStream()) {
      byte[] body = in.readNBytes(maxBytes + 1);
      if (body.length > maxBytes) {
        throw tooLarge();
      }
      return body;
    }
  }

  private RefusedException tooLarge() {
    return new RefusedException(
        ErrorCode.TOO_LARGE, "A body of at most %d bytes is expected".formatted(maxBytes));
  }

  private static boolean isId(String id) {
    return !id.isEmpty() && id.length() <= MAX_ID && id.chars().allMatch(c -> c > ' ' && c < 127);
  }

  private static CompletableFuture<ResponseEntity<byte[]>> answer(
      CompletableFuture<ServerFrame> frame, ErrorCode onTimeout) {
    ServerFrame silence = new ServerFrame.Failure(null, null, null, onTimeout, null, null);
    return frame
        .copy()
        .completeOnTimeout(silence, TIMEOUT_SECONDS, TimeUnit.SECONDS)
        .thenApplyAsync(RoomAnswers::of, WRITERS);
  }
}
