package dev.parley.connection;

import dev.parley.access.Gcra;
import dev.parley.access.Identity;
import dev.parley.broker.Outcome;
import dev.parley.protocol.ClientFrame;
import dev.parley.protocol.CloseCode;
import dev.parley.protocol.ErrorCode;
import dev.parley.protocol.RoomName;
import dev.parley.protocol.ServerFrame;
import dev.parley.protocol.ServerFrames;
import dev.parley.room.Audience;
import dev.parley.room.Joining;
import dev.parley.room.Membership;
import dev.parley.room.Participant;
import dev.parley.room.Rooms;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A connection that speaks the frames of docs/PROTOCOL.md: decodes them, holds them to the limits,
 * and hands them to the rooms in the order sent. In plain mode it answers only what asked for an
 * answer.
 */
public final class FrameConnection extends Connection implements Participant {
  private static final long IDLE_NANOS = TimeUnit.MINUTES.toNanos(5);

  private final FrameSettings frames;
  private final Audience audience;
  private final Gcra rate;
  private final Map<RoomName, Seat> seats = new HashMap<>(4);
  private long idleSince = System.nanoTime();
  private int deferred;
  private @Nullable String guestName;

  public FrameConnection(
      long id,
      Identity identity,
      ConnectionSettings settings,
      FrameSettings frames,
      Audience audience) {
    super(id, identity, settings);
    this.frames = frames;
    this.audience = audience;
    this.rate = new Gcra(frames.rate());
  }

  @Override
  protected void opened() {
    if (audience == Audience.FULL) {
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
    if (audience == Audience.FULL) {
      send(new ServerFrame.Status(available, available ? null : "broker"));
    }
  }

  @Override
  protected String kind() {
    return "websocket";
  }

  @Override
  public void text(byte[] bytes, int offset, int length) {
    handle(frames.decoder().text(bytes, offset, length));
  }

  @Override
  public void binary(byte[] bytes, int offset, int length) {
    handle(frames.decoder().binary(bytes, offset, length));
  }

  @Override
  protected void left() {
    seats.values().forEach(seat -> rooms().leave(seat.membership, true));
    seats.clear();
  }

  @Override
  protected boolean isHeld() {
    return deferred >= MAX_UNANSWERED;
  }

  @Override
  protected @Nullable CloseCode expired(long now) {
    return seats.isEmpty() && now - idleSince > IDLE_NANOS ? CloseCode.IDLE : null;
  }

  @Override
  public String displayName() {
    return guestName != null ? guestName : identity().displayName();
  }

  @Override
  public Audience audience() {
    return audience;
  }

  @Override
  public void joined(ServerFrame.Joined joined) {
    answer(joined.ref(), joined);
    Seat seat = seats.get(joined.room());
    if (seat != null) {
      seat.joined = true;
      outbound().lane().execute(() -> goOn(joined.room(), seat));
    }
  }

  @Override
  public void refused(RoomName room, @Nullable String ref, ErrorCode code) {
    fail(code, ref, null, room);
    Seat seat = seats.get(room);
    if (seat != null) {
      if (!seat.joined) {
        stand(room, seat);
      }
      goOn(room, seat);
    }
  }

  @Override
  public void lost(RoomName room) {
    close(CloseCode.RESTART);
  }

  private void handle(ClientFrame frame) {
    settings().metrics().frame();
    long now = System.nanoTime();
    long wait = rate.tryAcquire(now);
    if (wait == 0) {
      dispatch(frame);
      return;
    }
    settings().metrics().rateLimited();
    if (rate.isFlooding(now)) {
      close(CloseCode.FLOODING);
      return;
    }
    long millis = TimeUnit.NANOSECONDS.toMillis(wait) + 1;
    send(
        new ServerFrame.Failure(
            frame.ref(), idOf(frame), roomOf(frame), ErrorCode.RATE_LIMITED, null, millis));
  }

  private void dispatch(ClientFrame frame) {
    switch (frame) {
      case ClientFrame.Join join -> join(join);
      case ClientFrame.Ping ping ->
          answer(ping.ref(), new ServerFrame.Pong(ping.ref(), System.currentTimeMillis()));
      case ClientFrame.Refused refused ->
          send(
              new ServerFrame.Failure(
                  refused.ref(),
                  refused.id(),
                  refused.room(),
                  refused.code(),
                  refused.path(),
                  null));
      case ClientFrame.Leave leave -> inRoom(leave.room(), leave);
      case ClientFrame.Message message -> inRoom(message.room(), message);
      case ClientFrame.Signal signal -> inRoom(signal.room(), signal);
      case ClientFrame.Typing typing -> inRoom(typing.room(), typing);
      case ClientFrame.History history -> inRoom(history.room(), history);
    }
  }

  private void inRoom(RoomName room, ClientFrame frame) {
    Seat seat = seats.get(room);
    if (seat != null && seat.isJoining()) {
      deferred++;
      seat.defer(frame);
    } else {
      perform(frame, seat);
    }
  }

  /** Carries out a frame whose turn in its room it is. */
  private void perform(ClientFrame frame, @Nullable Seat seat) {
    boolean member = seat != null;
    ErrorCode refused =
        switch (frame) {
          case ClientFrame.Leave leave -> leave(leave, seat);
          case ClientFrame.Message message -> publish(message, member);
          case ClientFrame.Signal signal -> rooms().signal(this, member, signal);
          case ClientFrame.Typing typing -> rooms().typing(this, member, typing);
          case ClientFrame.History history ->
              rooms().history(this, member, history, answer -> answer(history.ref(), answer));
          case ClientFrame.Join join -> {
            join(join);
            yield null;
          }
          case ClientFrame.Ping ping -> null;
          case ClientFrame.Refused already -> null;
        };
    if (refused != null) {
      fail(refused, frame.ref(), idOf(frame), roomOf(frame));
    }
  }

  private void join(ClientFrame.Join join) {
    if (guestName == null && identity().guest() && join.username() != null) {
      guestName = join.username();
    }
    for (ClientFrame.Join.Target target : join.targets()) {
      Seat seat = seats.get(target.room());
      if (seat != null && seat.isJoining()) {
        deferred++;
        seat.defer(new ClientFrame.Join(join.ref(), List.of(target), join.last(), null));
        continue;
      }
      if (seat == null && seats.size() >= frames.maxRooms()) {
        fail(ErrorCode.TOO_MANY_ROOMS, join.ref(), null, target.room());
        continue;
      }
      join(target, seat, new Joining(join.ref(), target.since(), join.last()));
    }
  }

  private void join(ClientFrame.Join.Target target, @Nullable Seat known, Joining joining) {
    Seat seat = known;
    if (seat == null) {
      seat = new Seat(new Membership(this, target.room()));
      seats.put(target.room(), seat);
    } else {
      seat.joinAgain();
    }
    ErrorCode refused = rooms().join(seat.membership, joining);
    if (refused != null) {
      refused(target.room(), joining.ref(), refused);
    }
  }

  /** A join is decided: what waited for it takes effect, up to the next join of the room. */
  private void goOn(RoomName room, Seat seat) {
    seat.decided();
    for (ClientFrame frame = seat.next(); frame != null; frame = seat.next()) {
      deferred--;
      if (!isClosing()) {
        perform(frame, seats.get(room));
      }
    }
    resume();
  }

  private @Nullable ErrorCode leave(ClientFrame.Leave leave, @Nullable Seat seat) {
    if (seat == null) {
      return ErrorCode.NOT_JOINED;
    }
    stand(leave.room(), seat);
    answer(leave.ref(), new ServerFrame.Left(leave.ref(), leave.room(), null));
    return null;
  }

  private void stand(RoomName room, Seat seat) {
    seats.remove(room);
    rooms().leave(seat.membership, false);
    if (seats.isEmpty()) {
      idleSince = System.nanoTime();
    }
  }

  private @Nullable ErrorCode publish(ClientFrame.Message message, boolean member) {
    settings()
        .metrics()
        .message(message.content().form() == dev.parley.protocol.Content.Form.BINARY);
    unanswered();
    ErrorCode refused =
        rooms().publish(this, member, message, outcome -> published(message, outcome));
    if (refused != null) {
      answered();
    }
    return refused;
  }

  private void published(ClientFrame.Message message, Outcome outcome) {
    boolean wanted =
        message.ref() != null
            || (message.id() != null && audience == Audience.FULL)
            || outcome instanceof Outcome.Refused;
    if (wanted && !isClosing()) {
      send(Rooms.answer(message, outcome));
    }
    answered();
  }

  private Rooms rooms() {
    return frames.rooms();
  }

  private void answer(@Nullable String ref, ServerFrame frame) {
    if (audience == Audience.FULL || ref != null || frame instanceof ServerFrame.Failure) {
      send(frame);
    }
  }

  private void fail(
      ErrorCode code, @Nullable String ref, @Nullable String id, @Nullable RoomName room) {
    send(new ServerFrame.Failure(ref, id, room, code, null, null));
  }

  private void send(ServerFrame frame) {
    outbound().send(ServerFrames.encode(frame));
  }

  private static @Nullable String idOf(ClientFrame frame) {
    return switch (frame) {
      case ClientFrame.Message message -> message.id();
      case ClientFrame.Refused refused -> refused.id();
      default -> null;
    };
  }

  private static @Nullable RoomName roomOf(ClientFrame frame) {
    return switch (frame) {
      case ClientFrame.Leave leave -> leave.room();
      case ClientFrame.Message message -> message.room();
      case ClientFrame.Signal signal -> signal.room();
      case ClientFrame.Typing typing -> typing.room();
      case ClientFrame.History history -> history.room();
      case ClientFrame.Refused refused -> refused.room();
      case ClientFrame.Join join ->
          join.targets().size() == 1 ? join.targets().getFirst().room() : null;
      case ClientFrame.Ping ping -> null;
    };
  }
}
