package dev.parley.room;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.access.Identity;
import dev.parley.access.RoomClaims;
import dev.parley.budget.Account;
import dev.parley.budget.Budgets;
import dev.parley.delivery.FakeSocket;
import dev.parley.delivery.ManualLane;
import dev.parley.delivery.Outbound;
import dev.parley.protocol.ErrorCode;
import dev.parley.protocol.Position;
import dev.parley.protocol.RoomName;
import dev.parley.protocol.ServerFrame;
import dev.parley.protocol.ServerFrames;
import dev.parley.protocol.UserId;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A participant in many rooms, which checks that each of them sends every message once. */
final class ManyRoomsMember implements Participant {
  private static final JsonMapper JSON = new JsonMapper();

  final ManualLane lane;
  final FakeSocket socket = new FakeSocket();
  private final Map<RoomName, Membership> memberships = new HashMap<>();
  private final Identity identity;
  private final Account account;
  private final Outbound outbound;
  private final long id;

  /** The last offset that each room has sent. */
  private final Map<String, Long> seen = new HashMap<>();

  ManyRoomsMember(long id, ManualLane lane) {
    this.id = id;
    this.lane = lane;
    identity =
        new Identity(
            new UserId("u" + id), "User " + id, false, null, null, RoomClaims.NONE, Set.of());
    account = Budgets.ofEach(Long.MAX_VALUE).account("u" + id);
    outbound = socket.outbound(lane, 1_000_000);
  }

  @Override
  public Account account() {
    return account;
  }

  /** Called on the lane. */
  void join(Rooms rooms, RoomName room, @Nullable Position since, int last) {
    Membership membership = memberships.computeIfAbsent(room, name -> new Membership(this, name));
    assertThat(rooms.join(membership, new Joining(null, since, last))).isNull();
  }

  Membership membership(RoomName room) {
    return Objects.requireNonNull(memberships.get(room));
  }

  /** Called on the lane. */
  void end(Rooms rooms) {
    outbound.close();
    memberships.values().forEach(membership -> rooms.leave(membership, false));
    memberships.clear();
  }

  /** The last offset that each room has sent; what is on the wire is taken off it. */
  Map<String, Long> seen() {
    ByteBuffer wire = ByteBuffer.wrap(socket.wire.toByteArray());
    socket.wire.reset();
    while (wire.remaining() > 3) {
      wire.mark();
      wire.get();
      int length = wire.get();
      length = length == 126 ? wire.getShort() & 0xFFFF : length;
      if (wire.remaining() < length) {
        wire.reset();
        break;
      }
      byte[] payload = new byte[length];
      wire.get(payload);
      see(JSON.readTree(new String(payload, StandardCharsets.UTF_8)));
    }
    socket.wire.write(wire.array(), wire.position(), wire.remaining());
    return seen;
  }

  private void see(JsonNode frame) {
    String room = frame.path("room").asString();
    long offset = frame.path("offset").asLong();
    switch (frame.path("type").asString()) {
      case "joined" -> seen.put(room, offset - frame.path("replay").asLong());
      case "message" -> {
        assertThat(offset).isEqualTo(seen.getOrDefault(room, -1L) + 1);
        seen.put(room, offset);
      }
      default -> assertThat(frame.path("type").asString()).isIn("user-joined", "members");
    }
  }

  @Override
  public long id() {
    return id;
  }

  @Override
  public Identity identity() {
    return identity;
  }

  @Override
  public String displayName() {
    return identity.displayName();
  }

  @Override
  public ProtocolMode mode() {
    return ProtocolMode.FULL;
  }

  @Override
  public Outbound outbound() {
    return outbound;
  }

  @Override
  public void joined(ServerFrame.Joined joined) {
    outbound.send(ServerFrames.encode(joined));
  }

  @Override
  public void refused(
      RoomName room, @Nullable String ref, ErrorCode code, @Nullable Long retryAfterMs) {
    throw new AssertionError(room + " was refused: " + code);
  }

  @Override
  public boolean forceLeave(RoomName room, String reason) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void lost(RoomName room) {
    throw new AssertionError("lost in " + room);
  }
}
