package dev.parley.websocket;

import dev.parley.protocol.ErrorCode;
import dev.parley.protocol.RoomName;
import dev.parley.room.Rooms;
import dev.parley.security.IdentityAuthentication;
import dev.parley.security.Problem;
import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.server.ServerHttpRequest;
import org.springframework.http.server.ServerHttpResponse;
import org.springframework.http.server.ServletServerHttpRequest;
import org.springframework.http.server.ServletServerHttpResponse;
import org.springframework.web.socket.WebSocketHandler;
import org.springframework.web.socket.server.HandshakeInterceptor;

/**
 * The room of {@code /raw/{room}}: there the handshake is the join, and is refused where a join
 * would be.
 */
final class RawRoom implements HandshakeInterceptor {
  private static final String PATH = "/raw/";
  private static final String ROOM = RawRoom.class.getName() + ".room";

  private final Rooms rooms;

  RawRoom(Rooms rooms) {
    this.rooms = rooms;
  }

  static RoomName of(Map<String, Object> attributes) {
    if (attributes.get(ROOM) instanceof RoomName room) {
      return room;
    }
    throw new IllegalStateException("no room: the handshake was not admitted");
  }

  @Override
  public boolean beforeHandshake(
      ServerHttpRequest request,
      ServerHttpResponse response,
      WebSocketHandler handler,
      Map<String, Object> attributes)
      throws IOException {
    // Not of the URI: browsers send characters that java.net.URI does not take.
    String path = ((ServletServerHttpRequest) request).getServletRequest().getServletPath();
    RoomName room = RoomName.parse(path.substring(path.lastIndexOf(PATH) + PATH.length()));
    if (room == null) {
      return refuse(
          response,
          new Problem(
              HttpStatus.BAD_REQUEST, "The path must end in a room name", ErrorCode.INVALID_ROOM));
    }
    if (request.getPrincipal() instanceof IdentityAuthentication authentication
        && !rooms.mayJoin(authentication.identity(), room)) {
      return refuse(
          response,
          new Problem(HttpStatus.FORBIDDEN, ErrorCode.FORBIDDEN.text(), ErrorCode.FORBIDDEN));
    }
    attributes.put(ROOM, room);
    return true;
  }

  @Override
  public void afterHandshake(
      ServerHttpRequest request,
      ServerHttpResponse response,
      WebSocketHandler handler,
      @Nullable Exception exception) {}

  private static boolean refuse(ServerHttpResponse response, Problem problem) throws IOException {
    problem.writeTo(((ServletServerHttpResponse) response).getServletResponse());
    return false;
  }
}
