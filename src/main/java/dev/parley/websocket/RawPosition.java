package dev.parley.websocket;

import dev.parley.broker.Outcome;
import dev.parley.budget.Account;
import dev.parley.connection.ConnectionSlots;
import dev.parley.protocol.ErrorCode;
import dev.parley.protocol.Position;
import dev.parley.room.RoomPosition;
import dev.parley.room.Rooms;
import dev.parley.security.ClientAddress;
import dev.parley.security.HandshakeAdmission;
import dev.parley.security.HandshakeCheck;
import dev.parley.security.Problem;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;

/**
 * Where the room of a {@code /raw} handshake is when it is let in: the connection joins from there,
 * so that it misses nothing that is published once the client knows that it is connected.
 */
final class RawPosition extends HandshakeCheck {
  private static final String POSITION = RawPosition.class.getName() + ".position";

  /** A little more than the broker takes to say that it cannot. */
  private static final int PATIENCE_MS = 6_000;

  /**
   * A room that is open here can tell within this time, also while the broker is away. Nobody waits
   * longer during an outage.
   */
  private static final int OPEN_PATIENCE_MS = 100;

  /** How many handshakes may wait for longer: each has a thread that all others need, too. */
  static final int MOST_WAITING = 32;

  private static final Problem UNAVAILABLE = Problem.of(ErrorCode.BROKER_UNAVAILABLE, null, null);

  private static final Problem CROWDED =
      new Problem(
          HttpStatus.SERVICE_UNAVAILABLE,
          "Too many handshakes wait for the broker",
          ErrorCode.BROKER_UNAVAILABLE,
          1);

  private final Semaphore waiting = new Semaphore(MOST_WAITING);
  private final Rooms rooms;
  private final ConnectionSlots slots;

  RawPosition(Rooms rooms, ConnectionSlots slots) {
    this.rooms = rooms;
    this.slots = slots;
  }

  static Position of(Map<String, Object> attributes) {
    return found(attributes, POSITION, Position.class);
  }

  @Override
  protected @Nullable Problem check(
      HttpServletRequest request, HttpServletResponse response, Map<String, Object> attributes) {
    return settle(attributes, ClientAddress.of(request));
  }

  /** Null if the position is among the attributes now. */
  private @Nullable Problem settle(Map<String, Object> attributes, String address) {
    try (Account account = slots.account(HandshakeAdmission.identity(attributes), address)) {
      CompletableFuture<RoomPosition> answer = rooms.position(RawRoom.of(attributes), account);
      RoomPosition soon = await(answer, OPEN_PATIENCE_MS);
      if (soon != null || !rooms.isPublishing()) {
        return settle(attributes, soon);
      }
      if (!waiting.tryAcquire()) {
        return CROWDED;
      }
      try {
        return settle(attributes, await(answer, PATIENCE_MS - OPEN_PATIENCE_MS));
      } finally {
        waiting.release();
      }
    }
  }

  private static @Nullable Problem settle(
      Map<String, Object> attributes, @Nullable RoomPosition answer) {
    return switch (answer) {
      case RoomPosition.Known(Position position) -> {
        attributes.put(POSITION, position);
        yield null;
      }
      case RoomPosition.Unknown(Outcome.Refused<?> why) ->
          Problem.of(why.code(), null, why.retryAfterMs());
      case null -> UNAVAILABLE;
    };
  }

  /** Null if there is no answer within this time. */
  private static @Nullable RoomPosition await(
      CompletableFuture<RoomPosition> answer, int milliseconds) {
    try {
      return answer.get(milliseconds, TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException unavailable) {
      return null;
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return null;
    }
  }
}
