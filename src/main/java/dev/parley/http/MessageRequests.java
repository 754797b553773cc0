package dev.parley.http;

import dev.parley.access.Identity;
import dev.parley.connection.WebSocketProperties;
import dev.parley.protocol.ClientFrame;
import dev.parley.protocol.ErrorCode;
import dev.parley.protocol.MessageBatch;
import dev.parley.protocol.MessageBody;
import dev.parley.protocol.RoomName;
import dev.parley.protocol.ServerFrame;
import dev.parley.room.Rooms;
import dev.parley.security.ClientAddress;
import dev.parley.security.HttpProperties;
import dev.parley.security.Problem;
import dev.parley.security.RequestRates;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
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
  /** Where a request may carry many messages. */
  public static final String BATCH_PATH = "/api/v1/messages";

  private static final int MAX_ID = 64;

  /** Longer than the broker takes to give up, shorter than the container. */
  private static final long TIMEOUT_SECONDS = 20;

  private static final Executor WRITERS =
      task -> Thread.ofVirtual().name("rest-answer").start(task);

  private final Rooms rooms;
  private final RequestRates rates;
  private final int maxBytes;
  private final int maxBatchBytes;
  private final int maxBatchMessages;

  MessageRequests(
      Rooms rooms, RequestRates rates, WebSocketProperties webSocket, HttpProperties http) {
    this.rooms = rooms;
    this.rates = rates;
    this.maxBytes = Math.toIntExact(webSocket.maxMessageBytes().toBytes());
    this.maxBatchBytes = maxBatchBytes(http, webSocket);
    this.maxBatchMessages = http.batchMessages();
  }

  static int maxBatchBytes(HttpProperties http, WebSocketProperties webSocket) {
    return Math.toIntExact(
        Math.max(http.batchBytes().toBytes(), webSocket.maxMessageBytes().toBytes()));
  }

  /**
   * The whole body.
   *
   * @throws RefusedException if it is not plain JSON in UTF-8, or larger than a message may be
   */
  public byte[] body(HttpServletRequest request) throws IOException {
    return body(request, maxBytes);
  }

  /**
   * The whole body of a request that may carry many messages.
   *
   * @throws RefusedException if it is larger than that may be
   */
  public byte[] batchBody(HttpServletRequest request) throws IOException {
    return body(request, maxBatchBytes);
  }

  private static byte[] body(HttpServletRequest request, int most) throws IOException {
    BodyCoding.check(request);
    if (request.getContentLengthLong() > most) {
      throw tooLarge(most);
    }
    try (InputStream in = request.getInputStream()) {
      byte[] body = in.readNBytes(most + 1);
      if (body.length > most) {
        throw tooLarge(most);
      }
      return body;
    }
  }

  /** Whether a message whose JSON has so many bytes is too large to be published. */
  public boolean isTooLarge(int bytes) {
    return bytes > maxBytes;
  }

  public int maxBatchMessages() {
    return maxBatchMessages;
  }

  /**
   * The messages of a body that carries many; null if it has no field {@code messages}.
   *
   * @throws RefusedException if one of them breaks the rules
   */
  public @Nullable List<MessageBatch.Item> batch(byte[] body) {
    return switch (MessageBatch.decode(body, maxBatchMessages)) {
      case MessageBatch.Items items -> items.all();
      case MessageBatch.None _ -> null;
      case MessageBatch.Refused refused -> {
        if (MessageBatch.POINTER.equals(refused.path())) {
          throw RefusedException.field(
              MessageBatch.POINTER,
              "messages: an array of 1 to %d messages is expected".formatted(maxBatchMessages));
        }
        throw new RefusedException(Problem.of(refused.code(), refused.path(), null));
      }
    };
  }

  /**
   * The message that a body holds.
   *
   * @param id the header {@code Idempotency-Key}
   * @throws RefusedException if either breaks the rules, or the body is larger than a message may
   *     be
   */
  public ClientFrame.Message message(RoomName room, @Nullable String id, byte[] body) {
    if (body.length > maxBytes) {
      throw tooLarge(maxBytes);
    }
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
          ClientFrame.Read _,
          ClientFrame.Reads _,
          ClientFrame.Unread _,
          ClientFrame.History _,
          ClientFrame.Ping _ ->
          throw new IllegalStateException("not a message: " + frame);
    };
  }

  /**
   * An ack or a failure for each message, at the latest when the broker must have given up. They
   * are published at once, those of one room in this order.
   */
  public CompletableFuture<List<ServerFrame>> publish(
      Identity user, HttpServletRequest request, List<ClientFrame.Message> all) {
    String address = ClientAddress.of(request);
    List<CompletableFuture<ServerFrame>> answers =
        all.stream()
            .map(message -> inTime(rooms.publish(user, address, message), ErrorCode.UNCONFIRMED))
            .toList();
    return CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new))
        .thenApplyAsync(_ -> answers.stream().map(CompletableFuture::join).toList(), WRITERS);
  }

  /** The answer to a request that publishes one message. */
  public CompletableFuture<ResponseEntity<byte[]>> publishAndAnswer(
      Identity user, HttpServletRequest request, ClientFrame.Message message) {
    return inTime(rooms.publish(user, ClientAddress.of(request), message), ErrorCode.UNCONFIRMED)
        .thenApplyAsync(RoomAnswers::of, WRITERS);
  }

  CompletableFuture<ResponseEntity<byte[]>> history(
      Identity user, HttpServletRequest request, ClientFrame.History page) {
    String address = ClientAddress.of(request);
    return inTime(rooms.history(user, address, page), ErrorCode.BROKER_UNAVAILABLE)
        .thenApplyAsync(
            answer -> {
              if (answer instanceof ServerFrame.History read) {
                rates.charge(user, address, read.charge());
              }
              return RoomAnswers.of(answer);
            },
            WRITERS);
  }

  /** The answer to a request that asks something of rooms. */
  static CompletableFuture<ResponseEntity<byte[]>> inquire(CompletableFuture<ServerFrame> answer) {
    return inTime(answer, ErrorCode.BROKER_UNAVAILABLE).thenApplyAsync(RoomAnswers::of, WRITERS);
  }

  /** Answers a frame, not the broker's outcome: it ends the wait for rooms and lanes as well. */
  private static CompletableFuture<ServerFrame> inTime(
      CompletableFuture<ServerFrame> frame, ErrorCode onTimeout) {
    ServerFrame silence = new ServerFrame.Failure(null, null, null, onTimeout, null, null);
    return frame.copy().completeOnTimeout(silence, TIMEOUT_SECONDS, TimeUnit.SECONDS);
  }

  private static RefusedException tooLarge(int most) {
    return new RefusedException(
        ErrorCode.TOO_LARGE, "A body of at most %d bytes is expected".formatted(most));
  }

  private static boolean isId(String id) {
    return !id.isEmpty() && id.length() <= MAX_ID && id.chars().allMatch(c -> c > ' ' && c < 127);
  }
}
