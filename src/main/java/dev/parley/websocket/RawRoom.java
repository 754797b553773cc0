package dev.parley.websocket;

import dev.parley.protocol.ErrorCode;
import dev.parley.protocol.RoomName;
import dev.parley.room.Rooms;
import dev.parley.security.HandshakeCheck;
import dev.parley.security.IdentityAuthentication;
import dev.parley.security.Problem;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;

/**
 * The room of {@code /raw/{room}}: there the handshake is the join, and is refused if a join would
 * be.
 */
final class RawRoom extends HandshakeCheck {
  private static final String PATH = "/raw/";
  private static final String ROOM = RawRoom.class.getName() + ".room";

  private final Rooms rooms;

  RawRoom(Rooms rooms) {
    this.rooms = rooms;
  }

  static RoomName of(Map<String, Object> attributes) {
    return found(attributes, ROOM, RoomName.class);
  }

  @Override
  protected @Nullable Problem check(
      HttpServletRequest request, HttpServletResponse response, Map<String, Object> attributes) {
    // Not of the URI: browsers send characters that java.net.URI does not take.
    String path = request.getServletPath();
    RoomName room = RoomName.parse(path.substring(path.lastIndexOf(PATH) + PATH.length()));
    if (room == null) {
      return new Problem(
          HttpStatus.BAD_REQUEST, "The path must end in a room name", ErrorCode.INVALID_ROOM);
    }
    if (request.getUserPrincipal() instanceof IdentityAuthentication authentication
        && !rooms.mayJoin(authentication.identity(), room)) {
      return new Problem(HttpStatus.FORBIDDEN, ErrorCode.FORBIDDEN.text(), ErrorCode.FORBIDDEN);
    }
    attributes.put(ROOM, room);
    return null;
  }
}
