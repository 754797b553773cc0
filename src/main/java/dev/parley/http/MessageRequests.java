package dev.parley.http;

import dev.parley.access.Identity;
import dev.parley.connection.WebSocketProperties;
import dev.parley.protocol.ClientFrame;
import dev.parley.protocol.ErrorCode;
import dev.parley.protocol.MessageBody;
import dev.parley.protocol.RoomName;
import dev.parley.protocol.ServerFrame;
import dev.parley.room.Rooms;
import dev.parley.security.ClientAddress;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.stereotype.Component;

/**
 * Messages as the bodies of requests: what all endpoints that publish have in common. {@link Rooms}
 * answers on a lane; a request waits without a thread, and its answer is made by a virtual one.
 */
@Component
public class MessageRequests {
  private static final int MAX_ID = 64;

  /** Longer than the broker takes to give up, shorter than the container. */
  private static final long TIMEOUT_SECONDS = 20;

  private static final Executor WRITERS =
      task -> Thread.ofVirtual().name("rest-answer").start(task);

  private final Rooms rooms;
  private final int maxBytes;

  MessageRequests(Rooms rooms, WebSocketProperties webSocket) {
    this.rooms = rooms;
    this.maxBytes = Math.toIntExact(webSocket.maxMessageBytes().toBytes());
  }

  /**
   * The whole body.
   *
   * @throws RefusedException where it is larger than a message may be
   */
  public byte[] body(HttpServletRequest request) throws IOException {
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

  /**
   * The message that a body holds.
   *
   * @param id the header {@code Idempotency-Key}
   * @throws RefusedException where either breaks the rules
   */
  public ClientFrame.Message message(RoomName room, @Nullable String id, byte[] body) {
    if (id != null && !isId(id)) {
      throw RefusedException.parameter(
          ErrorCode.INVALID_MESSAGE,
          "Idempotency-Key",
          "Idempotency-Key: 1-64 printable characters are expected");
    }
    ClientFrame frame = MessageBody.decode(room, id, body);
    return switch (frame) {
      case ClientFrame.Message message -> message;
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

  /** An ack or a failure, at the latest when the broker must have given up. */
  public CompletableFuture<ServerFrame> publish(
      Identity user, HttpServletRequest request, ClientFrame.Message message) {
    return inTime(rooms.publish(user, ClientAddress.of(request), message), ErrorCode.UNCONFIRMED);
  }

  /** The same as the answer to a request. */
  public CompletableFuture<ResponseEntity<byte[]>> publishAndAnswer(
      Identity user, HttpServletRequest request, ClientFrame.Message message) {
    return publish(user, request, message).thenApply(RoomAnswers::of);
  }

  CompletableFuture<ResponseEntity<byte[]>> history(
      Identity user, HttpServletRequest request, ClientFrame.History page) {
    return inTime(
            rooms.history(user, ClientAddress.of(request), page), ErrorCode.BROKER_UNAVAILABLE)
        .thenApply(RoomAnswers::of);
  }

  private static CompletableFuture<ServerFrame> inTime(
      CompletableFuture<ServerFrame> frame, ErrorCode onTimeout) {
    ServerFrame silence = new ServerFrame.Failure(null, null, null, onTimeout, null, null);
    return frame
        .copy()
        .completeOnTimeout(silence, TIMEOUT_SECONDS, TimeUnit.SECONDS)
        .thenApplyAsync(answer -> answer, WRITERS);
  }

  private RefusedException tooLarge() {
    return new RefusedException(
        ErrorCode.TOO_LARGE, "A body of at most %d bytes is expected".formatted(maxBytes));
  }

  private static boolean isId(String id) {
    return !id.isEmpty() && id.length() <= MAX_ID && id.chars().allMatch(c -> c > ' ' && c < 127);
  }
}
