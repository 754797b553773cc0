package dev.parley.connection;

import dev.parley.access.Identity;
import dev.parley.access.MessageRateLimiter;
import dev.parley.connection.DeferredFrames.Deferred;
import dev.parley.protocol.ClientFrame;
import dev.parley.protocol.CloseCode;
import dev.parley.protocol.ErrorCode;
import dev.parley.protocol.RoomName;
import dev.parley.protocol.ServerFrame;
import dev.parley.room.Joining;
import dev.parley.room.Membership;
import dev.parley.room.Participant;
import dev.parley.room.ProtocolMode;
import dev.parley.room.Rooms;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A connection that speaks the frames of docs/PROTOCOL.md. It decodes frames, applies the limits,
 * and hands the frames to the rooms in the order in which they were sent.
 */
public final class FrameConnection extends Connection implements Participant {
  /** The subprotocol of docs/PROTOCOL.md. */
  public static final String SUBPROTOCOL = "parley.v1";

  private final FrameSettings frames;
  private final ProtocolMode mode;
  private final MessageRateLimiter rate;
  private final FrameSender sender = new FrameSender(this);
  private final JoinedRooms joinedRooms;
  private final DeferredFrames deferred = new DeferredFrames(this);
  private final PendingRequests requests;

  /** A frame that would have had to wait was refused: nothing more is read until something went. */
  private boolean starved;

  private @Nullable String guestName;

  public FrameConnection(
      long id,
      Identity identity,
      ConnectionSettings settings,
      FrameSettings frames,
      ProtocolMode mode) {
    super(id, identity, settings);
    this.frames = frames;
    this.mode = mode;
    rate = new MessageRateLimiter(frames.rate());
    joinedRooms = new JoinedRooms(this, frames, sender);
    requests = new PendingRequests(this, frames.rooms(), sender, rate);
  }

  @Override
  protected void opened() {
    sender.welcome(settings(), frames);
    if (!rooms().isPublishing()) {
      publishing(false);
    }
  }

  @Override
  protected void publishing(boolean available) {
    sender.announce(new ServerFrame.Status(available, available ? null : "broker"));
  }

  @Override
  protected void reconnect(long afterMs, String reason) {
    sender.announce(new ServerFrame.Reconnect(afterMs, reason));
  }

  @Override
  protected String kind() {
    return "websocket";
  }

  @Override
  protected void receiveText(byte[] bytes, int offset, int length) {
    handle(frames.decoder().text(bytes, offset, length), length);
  }

  @Override
  protected void receiveBinary(byte[] bytes, int offset, int length) {
    handle(frames.decoder().binary(bytes, offset, length), length);
  }

  @Override
  protected void left() {
    joinedRooms.leaveAll();
    deferred.clear();
  }

  @Override
  protected boolean isHeld() {
    return deferred.count() >= MAX_UNANSWERED || starved || requests.isFull();
  }

  @Override
  protected boolean isUnfinished() {
    return joinedRooms.isJoining() || deferred.count() > 0 || super.isUnfinished();
  }

  @Override
  protected @Nullable CloseCode expired(long now) {
    return joinedRooms.isEmpty() && now - joinedRooms.emptySince() > frames.idle().toNanos()
        ? CloseCode.IDLE
        : null;
  }

  @Override
  public String displayName() {
    return guestName != null ? guestName : identity().displayName();
  }

  @Override
  public ProtocolMode mode() {
    return mode;
  }

  @Override
  public void joined(ServerFrame.Joined joined) {
    sender.answer(joined.ref(), joined);
    outbound().lane().execute(() -> goOn(joined.room()));
  }

  @Override
  public void refused(
      RoomName room, @Nullable String ref, ErrorCode code, @Nullable Long retryAfterMs) {
    joinedRooms.refused(room, ref, code, retryAfterMs);
    goOn(room);
  }

  @Override
  boolean forceJoin(RoomName room) {
    return !isEnding() && joinedRooms.forceJoin(room);
  }

  @Override
  protected boolean forceLeave(RoomName room) {
    return forceLeave(room, ServerFrame.Left.REMOVED);
  }

  @Override
  public boolean forceLeave(RoomName room, String reason) {
    return !isClosing() && joinedRooms.forceLeave(room, reason);
  }

  @Override
  protected List<RoomName> joinedRooms() {
    return joinedRooms.joined();
  }

  @Override
  protected boolean isIn(RoomName room) {
    return joinedRooms.isJoined(room);
  }

  @Override
  @Nullable String subprotocol() {
    return mode == ProtocolMode.FULL ? SUBPROTOCOL : null;
  }

  @Override
  public void lost(RoomName room) {
    close(CloseCode.RESTART);
  }

  private void handle(ClientFrame frame, int bytes) {
    settings().metrics().frame();
    long now = System.nanoTime();
    long wait = rate.tryAcquire(now);
    if (wait == 0) {
      dispatch(frame, bytes);
      return;
    }
    settings().metrics().rateLimited();
    if (rate.isFlooding(now)) {
      close(CloseCode.FLOODING);
      return;
    }
    sender.fail(frame, ErrorCode.RATE_LIMITED, null, TimeUnit.NANOSECONDS.toMillis(wait) + 1);
  }

  private void dispatch(ClientFrame frame, int bytes) {
    RoomName room = frame.room();
    if (room != null && !(frame instanceof ClientFrame.Refused) && joinedRooms.isJoining(room)) {
      defer(room, frame, bytes);
      return;
    }
    Membership membership = room == null ? null : joinedRooms.get(room);
    ErrorCode refused =
        switch (frame) {
          case ClientFrame.Join join -> {
            join(join);
            yield null;
          }
          case ClientFrame.Leave leave -> leave(leave);
          case ClientFrame.Message message -> requests.publish(this, membership, message, bytes);
          case ClientFrame.Signal signal -> rooms().signal(this, membership, signal);
          case ClientFrame.Typing typing -> rooms().typing(this, membership, typing);
          case ClientFrame.Read read -> rooms().receipts().read(this, membership, read);
          case ClientFrame.Reads reads -> requests.reads(this, membership, reads);
          case ClientFrame.Unread unread -> requests.unread(this, unread);
          case ClientFrame.History history -> requests.history(this, membership, history);
          case ClientFrame.Ping ping -> {
            sender.answer(ping.ref(), new ServerFrame.Pong(ping.ref(), System.currentTimeMillis()));
            yield null;
          }
          case ClientFrame.Refused broken -> {
            sender.fail(broken, broken.code(), broken.path(), null);
            yield null;
          }
        };
    if (refused != null) {
      sender.fail(frame, refused, null, null);
    }
  }

  /** Has the frame wait for the join; if too much waits already, it is refused. */
  private void defer(RoomName room, ClientFrame frame, int bytes) {
    if (!deferred.tryAdd(room, frame, bytes)) {
      starved = true;
      sender.fail(frame, ErrorCode.BROKER_UNAVAILABLE, null, null);
    }
  }

  private void join(ClientFrame.Join join) {
    if (guestName == null && identity().guest() && join.username() != null) {
      guestName = join.username();
    }
    for (ClientFrame.Join.Target target : join.targets()) {
      RoomName room = target.room();
      ClientFrame alone = new ClientFrame.Join(join.ref(), List.of(target), join.last(), null);
      if (joinedRooms.isJoining(room)) {
        defer(room, alone, 0);
        continue;
      }
      if (!joinedRooms.tryReserve(room)) {
        sender.fail(alone, ErrorCode.TOO_MANY_ROOMS, null, null);
        continue;
      }
      Joining joining = new Joining(join.ref(), target.since(), join.last());
      ErrorCode refused = joinedRooms.join(room, joining);
      if (refused != null) {
        refused(room, join.ref(), refused, null);
      }
    }
  }

  /** A join is decided: what waited for it takes effect, up to the next join of the room. */
  private void goOn(RoomName room) {
    joinedRooms.decided(room);
    starved = false;
    Deferred next;
    while (!joinedRooms.isJoining(room) && (next = deferred.next(room)) != null) {
      if (!isClosing()) {
        dispatch(next.frame(), next.bytes());
      }
    }
    resume();
    settle();
  }

  private @Nullable ErrorCode leave(ClientFrame.Leave leave) {
    if (!joinedRooms.leave(leave.room())) {
      return ErrorCode.NOT_JOINED;
    }
    sender.answer(leave.ref(), new ServerFrame.Left(leave.ref(), leave.room(), null));
    return null;
  }

  private Rooms rooms() {
    return frames.rooms();
  }
}
