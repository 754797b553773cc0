package dev.parley.room;

import dev.parley.access.Identity;
import dev.parley.broker.Outcome;
import dev.parley.broker.ReadMarks;
import dev.parley.delivery.Lane;
import dev.parley.delivery.Lanes;
import dev.parley.protocol.ClientFrame;
import dev.parley.protocol.Epoch;
import dev.parley.protocol.ErrorCode;
import dev.parley.protocol.ReadMark;
import dev.parley.protocol.RoomName;
import dev.parley.protocol.ServerFrame;
import dev.parley.protocol.ServerFrame.Unread;
import dev.parley.protocol.UserId;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Users' read marks, as far as {@link RoomAccess} allows; a part of {@link Rooms}, whose rules for
 * threads hold here. Marks are asked of the broker, so no room is opened for a question.
 */
public final class Receipts {
  private final Lanes lanes;
  private final RoomChannels channels;
  private final RoomAccess access;
  private final OpenRooms open;

  Receipts(Lanes lanes, RoomChannels channels, RoomAccess access, OpenRooms open) {
    this.lanes = lanes;
    this.channels = channels;
    this.access = access;
    this.open = open;
  }

  /** Whether the one who joins is told of marks: plain mode and {@code /raw} have none. */
  boolean areTold(Membership membership) {
    Participant participant = membership.participant();
    return participant.mode() == ProtocolMode.FULL
        && access.hasReceipts(participant.identity(), membership.room());
  }

  /** Moves the user's mark. Not confirmed. */
  public @Nullable ErrorCode read(
      Participant participant, @Nullable Membership membership, ClientFrame.Read read) {
    ErrorCode refused = access.reads(participant.identity(), membership, read.room());
    if (refused == null && read.offset() > 0) {
      UserId user = participant.identity().user();
      open.ifOpen(read.room(), room -> room.reads().read(user, read.offset()));
    }
    return refused;
  }

  /**
   * @param answer called on the participant's lane, with {@code reads} or a failure
   */
  public @Nullable ErrorCode list(
      Participant participant,
      @Nullable Membership membership,
      ClientFrame.Reads request,
      Consumer<ServerFrame> answer) {
    ErrorCode refused = access.reads(participant.identity(), membership, request.room());
    if (refused == null) {
      Lane lane = participant.outbound().lane();
      var _ = list(request).thenAccept(frame -> lane.execute(() -> answer.accept(frame)));
    }
    return refused;
  }

  /** For somebody without a connection; answers {@code reads} or a failure. */
  public CompletableFuture<ServerFrame> list(Identity identity, ClientFrame.Reads request) {
    ErrorCode refused = access.reads(identity, request.room());
    return refused == null
        ? list(request)
        : CompletableFuture.completedFuture(failure(request, refused));
  }

  /**
   * @param answer called on the participant's lane
   */
  public void unread(
      Participant participant, ClientFrame.Unread request, Consumer<ServerFrame> answer) {
    Lane lane = participant.outbound().lane();
    var _ =
        unread(participant.identity(), request)
            .thenAccept(counts -> lane.execute(() -> answer.accept(counts)));
  }

  /** Answers for each room by itself; may be called from any thread. */
  public CompletableFuture<ServerFrame> unread(Identity identity, ClientFrame.Unread request) {
    List<CompletableFuture<Unread.Count>> counts =
        request.rooms().stream().map(room -> unread(identity, room)).toList();
    return CompletableFuture.allOf(counts.toArray(CompletableFuture[]::new))
        .thenApply(
            _ -> new Unread(request.ref(), counts.stream().map(CompletableFuture::join).toList()));
  }

  private CompletableFuture<Unread.Count> unread(Identity identity, RoomName room) {
    ErrorCode refused = access.reads(identity, room);
    if (refused != null) {
      return CompletableFuture.completedFuture(new Unread.Unknown(room, refused));
    }
    CompletableFuture<Unread.Count> answer = new CompletableFuture<>();
    UserId user = identity.user();
    Lane home = lanes.home(room);
    open.ifOpen(
        room,
        here -> unread(room, home, user, here.reads().moving(user), answer),
        () -> unread(room, home, user, 0, answer));
    return answer;
  }

  /**
   * @param moving where the user's mark is on its way to
   */
  private void unread(
      RoomName room, Lane home, UserId user, long moving, CompletableFuture<Unread.Count> answer) {
    channels
        .open(room, home)
        .readMarks(
            List.of(user),
            null,
            0,
            outcome ->
                answer.complete(
                    switch (outcome) {
                      case ReadMarks marks -> {
                        long own = Math.max(marks.own().getFirst(), Math.min(moving, marks.head()));
                        yield new Unread.Known(room, epoch(marks), marks.head(), own);
                      }
                      case Outcome.Refused<ReadMarks> refused ->
                          new Unread.Unknown(room, refused.code());
                    }));
  }

  private CompletableFuture<ServerFrame> list(ClientFrame.Reads request) {
    CompletableFuture<ServerFrame> answer = new CompletableFuture<>();
    Lane home = lanes.home(request.room());
    home.run(() ->
        channels
            .open(request.room(), home)
            .readMarks(
                List.of(),
                request.after(),
                // One more than is wanted tells whether there are more.
                request.limit() + 1,
                outcome ->
                    answer.complete(
                        switch (outcome) {
                          case ReadMarks marks -> page(request, marks);
                          case Outcome.Refused<ReadMarks> refused ->
                              failure(request, refused.code());
                        })));
    return answer;
  }

  private static ServerFrame page(ClientFrame.Reads request, ReadMarks marks) {
    boolean more = marks.newest().size() > request.limit();
    List<ReadMark> page = more ? marks.newest().subList(0, request.limit()) : marks.newest();
    return new ServerFrame.Reads(
        request.ref(), request.room(), epoch(marks), page, more ? page.getLast().cursor() : null);
  }

  private static @Nullable Epoch epoch(ReadMarks marks) {
    return marks.epoch().equals(Epoch.NONE) ? null : marks.epoch();
  }

  private static ServerFrame failure(ClientFrame.Reads request, ErrorCode code) {
    return new ServerFrame.Failure(request.ref(), null, request.room(), code, null, null);
  }
}
