package dev.parley.websocket;

import dev.parley.access.ClientAddress;
import dev.parley.access.HandshakeAdmission;
import dev.parley.access.Problem;
import dev.parley.budget.Account;
import dev.parley.connection.ConnectionSlots;
import dev.parley.protocol.ErrorCode;
import dev.parley.protocol.Position;
import dev.parley.room.Rooms;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.server.ServerHttpRequest;
import org.springframework.http.server.ServerHttpResponse;
import org.springframework.http.server.ServletServerHttpRequest;
import org.springframework.http.server.ServletServerHttpResponse;
import org.springframework.web.socket.WebSocketHandler;
import org.springframework.web.socket.server.HandshakeInterceptor;

/**
 * Where the room of a {@code /raw} handshake is when it is let in: the connection joins from there,
 * so that it misses nothing that is published once the client knows that it is connected.
 */
final class RawPosition implements HandshakeInterceptor {
  private static final String POSITION = RawPosition.class.getName() + ".position";

  /** A little more than the broker takes to say that it cannot. */
  private static final int PATIENCE_MS = 6_000;

  /**
   * While the broker is away a room that is open here can still tell, and no other: nobody keeps a
   * thread waiting for it then.
   */
  private static final int OUTAGE_PATIENCE_MS = 100;

  private final Rooms rooms;
  private final ConnectionSlots slots;

  RawPosition(Rooms rooms, ConnectionSlots slots) {
    this.rooms = rooms;
    this.slots = slots;
  }

  static Position of(Map<String, Object> attributes) {
    if (attributes.get(POSITION) instanceof Position position) {
      return position;
    }
    throw new IllegalStateException("no position: the handshake was not admitted");
  }

  @Override
  public boolean beforeHandshake(
      ServerHttpRequest request,
      ServerHttpResponse response,
      WebSocketHandler handler,
      Map<String, Object> attributes)
      throws IOException {
    HttpServletRequest servletRequest = ((ServletServerHttpRequest) request).getServletRequest();
    Position position = position(attributes, ClientAddress.of(servletRequest));
    if (position == null) {
      new Problem(
              HttpStatus.SERVICE_UNAVAILABLE,
              ErrorCode.BROKER_UNAVAILABLE.text(),
              ErrorCode.BROKER_UNAVAILABLE)
          .writeTo(((ServletServerHttpResponse) response).getServletResponse());
      return false;
    }
    attributes.put(POSITION, position);
    return true;
  }

  @Override
  public void afterHandshake(
      ServerHttpRequest request,
      ServerHttpResponse response,
      WebSocketHandler handler,
      @Nullable Exception exception) {}

  private @Nullable Position position(Map<String, Object> attributes, String address) {
    try (Account account = slots.account(HandshakeAdmission.identity(attributes), address)) {
      return rooms
          .position(RawRoom.of(attributes), account)
          .get(rooms.isPublishing() ? PATIENCE_MS : OUTAGE_PATIENCE_MS, TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException unavailable) {
      return null;
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return null;
    }
  }
}
