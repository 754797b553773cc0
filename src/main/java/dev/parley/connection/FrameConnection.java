package dev.parley.connection;

import dev.parley.access.Identity;
import dev.parley.access.MessageRateLimiter;
import dev.parley.broker.Outcome;
import dev.parley.connection.JoinedRooms.Deferred;
import dev.parley.protocol.ClientFrame;
import dev.parley.protocol.CloseCode;
import dev.parley.protocol.Content.Form;
import dev.parley.protocol.ErrorCode;
import dev.parley.protocol.RoomName;
import dev.parley.protocol.ServerFrame;
import dev.parley.protocol.ServerFrames;
import dev.parley.room.Joining;
import dev.parley.room.Membership;
import dev.parley.room.Participant;
import dev.parley.room.ProtocolMode;
import dev.parley.room.PublishAnswer;
import dev.parley.room.Receipts;
import dev.parley.room.Rooms;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A connection that speaks the frames of docs/PROTOCOL.md: decodes them, holds them to the limits,
 * and hands them to the rooms in the order sent. In plain mode it answers only what asked for an
 * answer.
 */
public final class FrameConnection extends Connection implements Participant {
  /** The subprotocol of docs/PROTOCOL.md. */
  public static final String SUBPROTOCOL = "parley.v1";

  /** Histories, lists of marks and counts that are being read: each may be 256 KiB. */
  private static final int MAX_INQUIRIES = 3;

  /** About what being in a room takes on the heap, here and there. */
  static final int MEMBERSHIP_BYTES = 400;

  /** About what a frame takes on the heap besides its content. */
  private static final int FRAME_BYTES = 200;

  private final FrameSettings frames;
  private final ProtocolMode mode;
  private final MessageRateLimiter rate;
  private final JoinedRooms joinedRooms = new JoinedRooms();
  private int inquiries;

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
    this.rate = new MessageRateLimiter(frames.rate());
  }

  @Override
  protected void opened() {
    if (mode == ProtocolMode.FULL) {
      Instant expiry = identity().expiresAt();
      send(
          new ServerFrame.Welcome(
              Long.toString(id(), Character.MAX_RADIX),
              identity().user(),
              displayName(),
              settings().heartbeat().toMillis(),
              expiry == null ? null : expiry.toEpochMilli(),
              settings().maxMessageBytes(),
              frames.maxRooms(),
              frames.messagesPerSecond()));
      if (!rooms().isPublishing()) {
        publishing(false);
      }
    }
  }

  @Override
  protected void publishing(boolean available) {
    if (mode == ProtocolMode.FULL) {
      send(new ServerFrame.Status(available, available ? null : "broker"));
    }
  }

  @Override
  protected void reconnect(long afterMs, String reason) {
    if (mode == ProtocolMode.FULL) {
      send(new ServerFrame.Reconnect(afterMs, reason));
    }
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
    frames.memberships().give(account(), (long) joinedRooms.size() * MEMBERSHIP_BYTES);
    joinedRooms.clear(membership -> rooms().leave(membership, true), this::released);
  }

  @Override
  protected boolean isHeld() {
    return joinedRooms.waiting() >= MAX_UNANSWERED || starved || inquiries >= MAX_INQUIRIES;
  }

  @Override
  protected boolean isUnfinished() {
    return joinedRooms.isJoining() || joinedRooms.waiting() > 0 || super.isUnfinished();
  }

  @Override
  protected @Nullable CloseCode expired(long now) {
    return joinedRooms.size() == 0 && now - joinedRooms.emptySince() > frames.idle().toNanos()
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
    answer(joined.ref(), joined);
    outbound().lane().execute(() -> goOn(joined.room()));
  }

  @Override
  public void refused(
      RoomName room, @Nullable String ref, ErrorCode code, @Nullable Long retryAfterMs) {
    send(new ServerFrame.Failure(ref, null, room, code, null, retryAfterMs));
    boolean wasIn = joinedRooms.isJoined(room);
    // Refused anew, a member stays one; let down by the broker, it may have missed something.
    if (!wasIn || code != ErrorCode.FORBIDDEN) {
      Membership membership = endMembership(room);
      if (membership != null) {
        rooms().leave(membership, false);
      }
      if (wasIn) {
        answer(null, new ServerFrame.Left(null, room, ServerFrame.Left.CLOSED));
      }
    }
    goOn(room);
  }

  @Override
  boolean forceJoin(RoomName room) {
    if (joinedRooms.has(room) || isEnding() || !tryCountMembership()) {
      return false;
    }
    rooms().forceJoin(membership(room), new Joining(null, null, 0));
    return true;
  }

  @Override
  protected boolean forceLeave(RoomName room) {
    return forceLeave(room, ServerFrame.Left.REMOVED);
  }

  @Override
  public boolean forceLeave(RoomName room, String reason) {
    if (!joinedRooms.has(room) || isClosing()) {
      return false;
    }
    if (!joinedRooms.leaveLater(room, reason)) {
      leaveNow(room, reason);
    }
    return true;
  }

  private void leaveNow(RoomName room, String reason) {
    Membership membership = endMembership(room);
    if (membership != null) {
      rooms().leave(membership, false);
      answer(null, new ServerFrame.Left(null, room, reason));
    }
  }

  @Override
  protected List<RoomName> joinedRooms() {
    return joinedRooms.joined().stream().sorted(Comparator.comparing(RoomName::value)).toList();
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
    fail(frame, ErrorCode.RATE_LIMITED, null, TimeUnit.NANOSECONDS.toMillis(wait) + 1);
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
          case ClientFrame.Message message -> publish(message, membership, bytes);
          case ClientFrame.Signal signal -> rooms().signal(this, membership, signal);
          case ClientFrame.Typing typing -> rooms().typing(this, membership, typing);
          case ClientFrame.Read read -> receipts().read(this, membership, read);
          case ClientFrame.Reads reads ->
              inquire(reads.ref(), answer -> receipts().list(this, membership, reads, answer));
          case ClientFrame.Unread unread ->
              inquire(
                  unread.ref(),
                  answer -> {
                    receipts().unread(this, unread, answer);
                    return null;
                  });
          case ClientFrame.History history ->
              inquire(history.ref(), answer -> rooms().history(this, membership, history, answer));
          case ClientFrame.Ping ping -> {
            answer(ping.ref(), new ServerFrame.Pong(ping.ref(), System.currentTimeMillis()));
            yield null;
          }
          case ClientFrame.Refused broken -> {
            fail(broken, broken.code(), broken.path(), null);
            yield null;
          }
        };
    if (refused != null) {
      fail(frame, refused, null, null);
    }
  }

  /** The membership for a join that begins, which may be of a room that it is in already. */
  private Membership membership(RoomName room) {
    return joinedRooms.join(room, () -> new Membership(this, room));
  }

  /** Whether it may be in one more room; if so, that counts until {@link #endMembership}. */
  private boolean tryCountMembership() {
    return joinedRooms.size() < frames.maxRooms()
        && frames.memberships().tryTake(account(), MEMBERSHIP_BYTES);
  }

  private @Nullable Membership endMembership(RoomName room) {
    Membership membership = joinedRooms.leave(room);
    if (membership != null) {
      frames.memberships().give(account(), MEMBERSHIP_BYTES);
    }
    return membership;
  }

  /** Has the frame wait for the join; if too much waits already, it is refused. */
  private void defer(RoomName room, ClientFrame frame, int bytes) {
    Deferred deferred = new Deferred(frame, bytes + FRAME_BYTES);
    if (!tryHold(deferred.bytes())) {
      starved = true;
      fail(frame, ErrorCode.BROKER_UNAVAILABLE, null, null);
      return;
    }
    waits(deferred.bytes());
    joinedRooms.defer(room, deferred);
  }

  private void released(Deferred frame) {
    waitsNoMore(frame.bytes());
    release(frame.bytes());
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
      if (!joinedRooms.has(room) && !tryCountMembership()) {
        fail(alone, ErrorCode.TOO_MANY_ROOMS, null, null);
        continue;
      }
      Membership membership = membership(room);
      Joining joining = new Joining(join.ref(), target.since(), join.last());
      ErrorCode refused = rooms().join(membership, joining);
      if (refused != null) {
        refused(room, join.ref(), refused, null);
      }
    }
  }

  /** A join is decided: what waited for it takes effect, up to the next join of the room. */
  private void goOn(RoomName room) {
    String leaving = joinedRooms.decided(room);
    if (leaving != null) {
      leaveNow(room, leaving);
    }
    starved = false;
    for (Deferred next = joinedRooms.next(room); next != null; next = joinedRooms.next(room)) {
      released(next);
      if (!isClosing()) {
        dispatch(next.frame(), next.bytes() - FRAME_BYTES);
      }
    }
    resume();
    settle();
  }

  private @Nullable ErrorCode leave(ClientFrame.Leave leave) {
    Membership membership = endMembership(leave.room());
    if (membership == null) {
      return ErrorCode.NOT_JOINED;
    }
    rooms().leave(membership, false);
    answer(leave.ref(), new ServerFrame.Left(leave.ref(), leave.room(), null));
    return null;
  }

  private @Nullable ErrorCode publish(
      ClientFrame.Message message, @Nullable Membership membership, int bytes) {
    settings().metrics().message(message.content().form() == Form.BINARY);
    unanswered(bytes);
    // The answer may take seconds, and needs no content.
    ClientFrame.Message asked = message.withoutContent();
    ErrorCode refused =
        rooms().publish(this, membership, message, outcome -> published(asked, outcome, bytes));
    if (refused != null) {
      answered(bytes);
    }
    return refused;
  }

  private void published(ClientFrame.Message message, Outcome outcome, int bytes) {
    boolean wanted =
        message.ref() != null
            || (message.id() != null && mode == ProtocolMode.FULL)
            || outcome instanceof Outcome.Refused;
    if (wanted && !isClosing()) {
      send(PublishAnswer.of(message, outcome));
    }
    answered(bytes);
  }

  /** Asks for something that takes a while to be answered. */
  private @Nullable ErrorCode inquire(
      @Nullable String ref, Function<Consumer<ServerFrame>, @Nullable ErrorCode> question) {
    unanswered(0);
    inquiries++;
    ErrorCode refused =
        question.apply(frame -> {
          answer(ref, frame);
          inquiries--;
          answered(0);
        });
    if (refused != null) {
      inquiries--;
      answered(0);
    }
    return refused;
  }

  private Receipts receipts() {
    return rooms().receipts();
  }

  private Rooms rooms() {
    return frames.rooms();
  }

  private void answer(@Nullable String ref, ServerFrame frame) {
    if (mode == ProtocolMode.FULL || ref != null || frame instanceof ServerFrame.Failure) {
      send(frame);
    }
  }

  private void fail(
      ClientFrame frame, ErrorCode code, @Nullable String path, @Nullable Long retryAfterMs) {
    send(new ServerFrame.Failure(frame.ref(), frame.id(), frame.room(), code, path, retryAfterMs));
  }

  private void send(ServerFrame frame) {
    outbound().send(ServerFrames.encode(frame));
  }
}
