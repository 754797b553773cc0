package dev.parley.admin.cluster;

import dev.parley.admin.cluster.Results.ConnectionPage;
import dev.parley.admin.cluster.Results.ConnectionReport;
import dev.parley.admin.cluster.Results.Done;
import dev.parley.admin.cluster.Results.Found;
import dev.parley.admin.cluster.Results.RoomPage;
import dev.parley.admin.cluster.Results.RoomReport;
import dev.parley.connection.ConnectionOperations;
import dev.parley.connection.ConnectionView;
import dev.parley.connection.Connections;
import dev.parley.connection.Drain;
import dev.parley.protocol.RoomName;
import dev.parley.room.RoomView;
import dev.parley.room.Rooms;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.springframework.stereotype.Component;

/** Does what a {@link Command} asks, on this instance. */
@Component
class CommandHandler {
  /** Of one answer, about: far below what the control bus carries. */
  private static final int MAX_PAGE_BYTES = 256 * 1_024;

  private static final int ENTRY_BYTES = 1_024;

  private final LocalInstance self;
  private final Rooms rooms;
  private final Connections connections;
  private final ConnectionOperations operations;
  private final Drain drain;
  private final InstanceReporter reporter;

  CommandHandler(
      LocalInstance self,
      Rooms rooms,
      Connections connections,
      ConnectionOperations operations,
      Drain drain,
      InstanceReporter reporter) {
    this.self = self;
    this.rooms = rooms;
    this.connections = connections;
    this.operations = operations;
    this.drain = drain;
    this.reporter = reporter;
  }

  /** What it comes to; fails if it cannot be done. From any thread, and does not block. */
  <R> CompletableFuture<R> perform(Command<R> command) {
    return outcome(command).thenApply(command.result()::cast);
  }

  private CompletableFuture<?> outcome(Command<?> command) {
    return switch (command) {
      case Command.ListRooms list ->
          // One more than asked tells whether there are more.
          rooms
              .list(list.after(), list.limit() + 1)
              .thenApply(found -> roomPage(found, list.limit()));
      case Command.FindRoom find ->
          rooms
              .view(find.room())
              .thenApply(room -> roomPage(room == null ? List.of() : List.of(room), 1));
      case Command.CloseRoom close -> rooms.closeRoom(close.room()).thenApply(Done::new);
      case Command.ForceJoin join ->
          operations.forceJoin(join.user(), join.room()).thenApply(Done::new);
      case Command.ForceLeave leave ->
          operations.forceLeave(leave.user(), leave.room()).thenApply(Done::new);
      case Command.DisconnectUser user -> operations.disconnect(user.user()).thenApply(Done::new);
      case Command.Disconnect one ->
          operations.disconnect(one.number()).thenApply(closed -> new Done(closed ? 1 : 0));
      case Command.ListConnections list -> list(list);
      case Command.FindConnection find ->
          operations
              .find(find.number())
              .thenApply(found -> new Found(found == null ? null : report(found)));
      case Command.StartDrain start -> {
        Done done = new Done(connections.count());
        var _ = drain.start(start.reason());
        yield CompletableFuture.completedFuture(done);
      }
      case Command.Report _ -> reporter.report();
    };
  }

  private static RoomPage roomPage(List<RoomView> rooms, int limit) {
    return new RoomPage(
        rooms.stream().limit(limit).map(CommandHandler::report).toList(), rooms.size() > limit);
  }

  private static RoomReport report(RoomView room) {
    return new RoomReport(
        room.name().value(),
        room.connections(),
        room.members(),
        room.epoch().toString(),
        room.offset());
  }

  private CompletableFuture<ConnectionPage> list(Command.ListConnections list) {
    ConnectionName after = list.after();
    int order = after == null ? -1 : after.instance().compareTo(self.name());
    if (order > 0) {
      return CompletableFuture.completedFuture(new ConnectionPage(List.of(), false));
    }
    Long first = after == null || order < 0 ? null : Long.valueOf(after.number());
    // One more than asked tells whether there are more.
    return operations
        .list(first, list.limit() + 1, list.user(), list.room())
        .thenApply(views -> page(views, list.limit()));
  }

  private ConnectionPage page(List<ConnectionView> views, int limit) {
    List<ConnectionReport> page = new ArrayList<>();
    int bytes = 0;
    for (ConnectionView view : views) {
      if (page.size() == limit || bytes > MAX_PAGE_BYTES) {
        return new ConnectionPage(page, true);
      }
      page.add(report(view));
      bytes += ENTRY_BYTES + view.rooms().size() * RoomName.MAX_LENGTH;
    }
    return new ConnectionPage(page, false);
  }

  private ConnectionReport report(ConnectionView view) {
    Duration age = Duration.between(view.since(), Instant.now());
    double seconds = Math.max(1, age.toMillis() / 1_000.0);
    return new ConnectionReport(
        new ConnectionName(self.name(), view.id()).toString(),
        self.name().value(),
        view.user().value(),
        view.username(),
        view.guest(),
        view.transport(),
        view.address(),
        view.agent(),
        view.subprotocol(),
        view.since().toEpochMilli(),
        view.rooms().stream().map(RoomName::value).toList(),
        view.messagesIn(),
        Math.round(view.messagesIn() / seconds * 1_000) / 1_000.0,
        view.outboundBytes(),
        view.roundTripMillis());
  }
}
