package dev.parley.room;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.access.Identity;
import dev.parley.access.RoomClaims;
import dev.parley.budget.Account;
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
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A participant over a socket that reads as fast as the test lets it. */
final class FakeMember implements Participant {
  private static final JsonMapper JSON = new JsonMapper();
  static final RoomName ROOM = new RoomName("r");

  final ManualLane lane;
  final FakeSocket socket = new FakeSocket();
  final List<@Nullable Position> asked = new ArrayList<>();
  private final long id;
  private final Identity identity;
  private final Outbound outbound;
  private Membership membership = new Membership(this, ROOM);
  boolean in;

  /** A join is not decided yet: a connection keeps back what follows it. */
  boolean deciding;

  boolean lost;

  /** What {@link #follow} has seen since the last join and was not told to be deleted. */
  final Set<Long> shown = new HashSet<>();

  private boolean staysWhereRefused;
  private @Nullable Rooms current;

  FakeMember(long id, ManualLane lane, long limit) {
    this(id, "u" + id, lane, limit);
  }

  /** One of perhaps many connections of this user. */
  FakeMember(long id, String user, ManualLane lane, long limit) {
    this.id = id;
    this.lane = lane;
    identity =
        new Identity(new UserId(user), "User " + id, false, null, null, RoomClaims.NONE, Set.of());
    outbound = socket.outbound(lane, limit);
  }

  /** Called on the lane. */
  void join(Rooms rooms, @Nullable Position since) {
    if (deciding) {
      return;
    }
    deciding = true;
    staysWhereRefused = in;
    if (!in) {
      membership = new Membership(this, ROOM);
      in = true;
    }
    asked.add(since);
    current = rooms;
    assertThat(rooms.join(membership, new Joining(null, since, 0))).isNull();
  }

  Membership membership() {
    return membership;
  }

  /** Called on the lane. */
  void leave(Rooms rooms) {
    if (in && !deciding) {
      in = false;
      rooms.leave(membership, false);
      outbound.send(ServerFrames.encode(new ServerFrame.Left(null, ROOM, null)));
    }
  }

  /** All frames that are on the wire. */
  List<JsonNode> frames() {
    ByteBuffer wire = ByteBuffer.wrap(socket.wire.toByteArray());
    List<JsonNode> frames = new ArrayList<>();
    while (wire.hasRemaining()) {
      wire.get();
      int length = wire.get();
      length = length == 126 ? wire.getShort() & 0xFFFF : length;
      byte[] payload = new byte[length];
      wire.get(payload);
      frames.add(JSON.readTree(new String(payload, StandardCharsets.UTF_8)));
    }
    return frames;
  }

  /**
   * Follows what was sent as a client does: every message follows on, or what lies between was told
   * to be missing. Where it ended, -1 where it is not in.
   */
  long follow() {
    assertThat(lost).isFalse();
    long position = -1;
    long replayUntil = -1;
    int joins = 0;
    Set<Long> deleted = new HashSet<>();
    shown.clear();
    for (JsonNode frame : frames()) {
      switch (frame.path("type").asString()) {
        case "joined" -> {
          shown.clear();
          Position since = asked.get(joins++);
          long offset = frame.path("offset").asLong();
          long replay = frame.path("replay").asLong();
          assertThat(frame.has("recovered")).isEqualTo(since != null);
          if (since != null && frame.path("recovered").asBoolean()) {
            assertThat(offset - replay).isEqualTo(since.offset());
          } else {
            assertThat(replay).isZero();
          }
          position = offset - replay;
          replayUntil = offset;
        }
        case "message" -> {
          assertThat(frame.path("offset").asLong()).isEqualTo(++position);
          assertThat(frame.path("content").asString()).isEqualTo("m" + position);
          assertThat(deleted).doesNotContain(position);
          shown.add(position);
        }
        case "deleted" -> {
          long offset = frame.path("offset").asLong();
          deleted.add(offset);
          shown.remove(offset);
          // In its message's place, or later than that.
          position = offset == position + 1 ? offset : position;
          assertThat(offset).isLessThanOrEqualTo(position);
        }
        case "gap" -> {
          assertThat(frame.path("from").asLong()).isEqualTo(position + 1);
          assertThat(frame.path("to").asLong()).isGreaterThan(position);
          position = frame.path("to").asLong();
        }
        case "left" -> {
          position = -1;
        }
        case "error" -> joins++;
        case "user-joined" -> {
          if (frame.path("user").asString().equals(identity.user().value())) {
            assertThat(position).as("behind the replay").isGreaterThanOrEqualTo(replayUntil);
          }
        }
        default -> assertThat(frame.path("type").asString()).isIn("user-left", "members");
      }
    }
    return position;
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
  public Account account() {
    return Account.NOBODY;
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
    deciding = false;
    outbound.send(ServerFrames.encode(joined));
  }

  @Override
  public void refused(
      RoomName room, @Nullable String ref, ErrorCode code, @Nullable Long retryAfterMs) {
    deciding = false;
    outbound.send(
        ServerFrames.encode(new ServerFrame.Failure(ref, null, room, code, null, retryAfterMs)));
    if (!staysWhereRefused && current != null) {
      leave(current);
    }
  }

  @Override
  public boolean forceLeave(RoomName room, String reason) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void lost(RoomName room) {
    lost = true;
  }
}
