package dev.parley.admin.cluster;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.parley.admin.cluster.Results.ConnectionPage;
import dev.parley.admin.cluster.Results.Done;
import dev.parley.admin.cluster.Results.Found;
import dev.parley.admin.cluster.Results.InstanceReport;
import dev.parley.admin.cluster.Results.RoomPage;
import dev.parley.protocol.RoomName;
import dev.parley.protocol.UserId;
import org.jspecify.annotations.Nullable;

/**
 * What one instance asks of the others, and they do or look up among their own rooms and
 * connections.
 *
 * @param <R> the result, as every instance gives it
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "command")
@JsonSubTypes({
  @JsonSubTypes.Type(value = Command.ListRooms.class, name = "list-rooms"),
  @JsonSubTypes.Type(value = Command.FindRoom.class, name = "find-room"),
  @JsonSubTypes.Type(value = Command.CloseRoom.class, name = "close-room"),
  @JsonSubTypes.Type(value = Command.ForceJoin.class, name = "force-join"),
  @JsonSubTypes.Type(value = Command.ForceLeave.class, name = "force-leave"),
  @JsonSubTypes.Type(value = Command.DisconnectUser.class, name = "disconnect-user"),
  @JsonSubTypes.Type(value = Command.ListConnections.class, name = "list-connections"),
  @JsonSubTypes.Type(value = Command.FindConnection.class, name = "find-connection"),
  @JsonSubTypes.Type(value = Command.Disconnect.class, name = "disconnect"),
  @JsonSubTypes.Type(value = Command.StartDrain.class, name = "start-drain"),
  @JsonSubTypes.Type(value = Command.Report.class, name = "report")
})
public sealed interface Command<R> {

  Class<R> result();

  /** Something that befalls connections. */
  sealed interface Change extends Command<Done> {
    @Override
    default Class<Done> result() {
      return Done.class;
    }
  }

  /** A survey for rooms. */
  sealed interface RoomQuery extends Command<RoomPage> {
    @Override
    default Class<RoomPage> result() {
      return RoomPage.class;
    }
  }

  /** Those behind {@code after}, by name. */
  record ListRooms(@Nullable RoomName after, int limit) implements RoomQuery {}

  /** A page of none or one. */
  record FindRoom(RoomName room) implements RoomQuery {}

  record CloseRoom(RoomName room) implements Change {}

  /** The user's connections join the room, whatever the policies say. */
  record ForceJoin(UserId user, RoomName room) implements Change {}

  /** The user's connections leave the room. */
  record ForceLeave(UserId user, RoomName room) implements Change {}

  record DisconnectUser(UserId user) implements Change {}

  /** Those behind {@code after} that are this user's and in this room, if one is named. */
  record ListConnections(
      @Nullable ConnectionName after, int limit, @Nullable UserId user, @Nullable RoomName room)
      implements Command<ConnectionPage> {
    @Override
    public Class<ConnectionPage> result() {
      return ConnectionPage.class;
    }
  }

  record FindConnection(long number) implements Command<Found> {
    @Override
    public Class<Found> result() {
      return Found.class;
    }
  }

  record Disconnect(long number) implements Change {}

  record StartDrain(String reason) implements Change {}

  record Report() implements Command<InstanceReport> {
    @Override
    public Class<InstanceReport> result() {
      return InstanceReport.class;
    }
  }
}
