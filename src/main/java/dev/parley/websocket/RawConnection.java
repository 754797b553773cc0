package dev.parley.websocket;

import dev.parley.access.Identity;
import dev.parley.broker.Outcome;
import dev.parley.broker.Outcome.Accepted;
import dev.parley.connection.Connection;
import dev.parley.connection.ConnectionSettings;
import dev.parley.protocol.ClientFrame;
import dev.parley.protocol.CloseCode;
import dev.parley.protocol.Content;
import dev.parley.protocol.Content.Form;
import dev.parley.protocol.ErrorCode;
import dev.parley.protocol.Position;
import dev.parley.protocol.RoomName;
import dev.parley.protocol.ServerFrame;
import dev.parley.room.Joining;
import dev.parley.room.Membership;
import dev.parley.room.Participant;
import dev.parley.room.ProtocolMode;
import dev.parley.room.Rooms;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code /raw/{room}}, from the position that the room had at the handshake: every message is one
 * of that room, every frame is a message's content. There is nothing to say errors in: over the
 * rate, reading pauses; what the broker refuses ends the connection with 1013.
 */
final class RawConnection extends Connection implements Participant {
  private final RoomName room;
  private final Position position;
  private final Rooms rooms;
  private final Pace pace;
  private final Membership membership;
  private boolean joined;

  RawConnection(
      long id,
      Identity identity,
      ConnectionSettings settings,
      RoomName room,
      Position position,
      Rooms rooms,
      Pace pace) {
    super(id, identity, settings);
    this.room = room;
    this.position = position;
    this.rooms = rooms;
    this.pace = pace;
    membership = new Membership(this, room);
  }

  @Override
  protected void opened() {
    ErrorCode refused = rooms.join(membership, new Joining(null, position, 0));
    if (refused != null) {
      refused(room, null, refused, null);
    }
  }

  @Override
  protected String kind() {
    return "raw";
  }

  @Override
  protected void receiveText(byte[] bytes, int offset, int length) {
    publish(Content.ofText(bytes, offset, length));
  }

  @Override
  protected void receiveBinary(byte[] bytes, int offset, int length) {
    publish(new Content(Form.BINARY, Arrays.copyOfRange(bytes, offset, offset + length)));
  }

  @Override
  protected void left() {
    rooms.leave(membership, true);
  }

  @Override
  protected boolean isHeld() {
    return !joined || pace.isResting();
  }

  @Override
  public ProtocolMode mode() {
    return ProtocolMode.RAW;
  }

  @Override
  public void joined(ServerFrame.Joined frame) {
    if (Boolean.FALSE.equals(frame.recovered())) {
      // Something between the handshake and here cannot be had.
      close(CloseCode.RESTART);
      return;
    }
    joined = true;
    resume();
  }

  @Override
  public void refused(
      RoomName refusedRoom, @Nullable String ref, ErrorCode code, @Nullable Long retryAfterMs) {
    close(code == ErrorCode.FORBIDDEN ? CloseCode.UNAUTHORIZED : CloseCode.OVERLOADED);
  }

  /** Nothing is left of it without its room. */
  @Override
  public boolean forceLeave(RoomName from, String reason) {
    if (!from.equals(room) || isClosing()) {
      return false;
    }
    // At once, as in other transports: ending the connection alone would leave the grace time.
    rooms.leave(membership, false);
    close(CloseCode.DISCONNECTED);
    return true;
  }

  @Override
  protected boolean forceLeave(RoomName from) {
    return forceLeave(from, ServerFrame.Left.REMOVED);
  }

  @Override
  protected List<RoomName> joinedRooms() {
    return joined ? List.of(room) : List.of();
  }

  @Override
  protected boolean isIn(RoomName other) {
    return joined && room.equals(other);
  }

  @Override
  public void lost(RoomName lostRoom) {
    close(CloseCode.RESTART);
  }

  private void publish(Content content) {
    settings().metrics().frame();
    settings().metrics().message(content.form() == Form.BINARY);
    int bytes = content.bytes().length;
    unanswered(bytes);
    ErrorCode refused =
        rooms.publish(
            this,
            membership,
            new ClientFrame.Message(null, room, content, null, null, null, true),
            outcome -> published(outcome, bytes));
    if (refused != null) {
      answered(bytes);
      close(refused == ErrorCode.TOO_LARGE ? CloseCode.TOO_BIG : CloseCode.UNAUTHORIZED);
      return;
    }
    pace.pay(outbound().lane(), this::resume);
  }

  private void published(Outcome<Accepted> outcome, int bytes) {
    if (outcome instanceof Outcome.Refused) {
      close(CloseCode.OVERLOADED);
    }
    answered(bytes);
  }
}
