package dev.parley.connection;

import dev.parley.access.Identity;
import dev.parley.delivery.Outbound;
import dev.parley.protocol.CloseCode;
import dev.parley.protocol.RoomName;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One client's connection, whatever it speaks: its identity, how it is read, and the deadlines that
 * end it. Belongs to its lane; every method is called there.
 *
 * <p>Life: {@link #opened}, then messages as long as it {@link #isReadable is readable}, then
 * {@link #ended} once, whoever ended it.
 */
public abstract class Connection {
  /**
   * Unanswered publishes beyond which a connection is not read: TCP slows the sender, nothing
   * queues here.
   */
  static final int MAX_UNANSWERED = 64;

  /** A reader that takes nothing for so long is as gone as one above the limit. */
  private static final long STALLED_NANOS = TimeUnit.SECONDS.toNanos(30);

  private static final long CLOSE_NANOS = TimeUnit.SECONDS.toNanos(5);

  private final long id;
  private final Identity identity;
  private final ConnectionSettings settings;
  private @Nullable Transport transport;
  private int unanswered;
  private boolean paused;
  private boolean heard;
  private boolean pinged;

  /** Of a ping that is not answered yet, else 0. */
  private long pingSentAt;

  /** 0 until a ping was answered. */
  private int roundTripMicros;

  private long messagesIn;
  private long since;
  private Peer peer = Peer.UNKNOWN;
  private long nextPing;
  private long closingSince;
  private boolean hasLeft;
  private @Nullable CloseCode closing;

  /** Where this stands in its lane's list of connections; kept by {@link Connections}. */
  int index = -1;

  protected Connection(long id, Identity identity, ConnectionSettings settings) {
    this.id = id;
    this.identity = identity;
    this.settings = settings;
  }

  /** Who is at the other end; told before it is opened, from any thread. */
  public final void from(Peer other) {
    peer = other;
  }

  /** The transport is up: whatever it is to be greeted with is sent now. */
  public final void open(Transport carrier) {
    transport = carrier;
    since = settings.now().toEpochMilli();
    nextPing = System.nanoTime() + settings.heartbeat().toNanos();
    opened();
  }

  protected abstract void opened();

  /** The broker takes messages again, or takes none at present. */
  protected void publishing(boolean available) {}

  /**
   * It will be ended in so long, and may come back then, elsewhere.
   *
   * @param reason for people
   */
  protected void reconnect(long afterMs, String reason) {}

  /** What it speaks: {@code websocket}, {@code raw} or {@code echo}; a tag of the metrics. */
  protected abstract String kind();

  /** A whole text message, checked to be UTF-8. The bytes are the caller's again afterwards. */
  public final void text(byte[] bytes, int offset, int length) {
    messagesIn++;
    receiveText(bytes, offset, length);
  }

  protected abstract void receiveText(byte[] bytes, int offset, int length);

  /** A whole binary message. The bytes are the caller's again afterwards. */
  public final void binary(byte[] bytes, int offset, int length) {
    messagesIn++;
    receiveBinary(bytes, offset, length);
  }

  protected abstract void receiveBinary(byte[] bytes, int offset, int length);

  /** The peer answered a ping. */
  public final void ponged() {
    if (pingSentAt != 0) {
      roundTripMicros = (int) TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - pingSentAt);
      pingSentAt = 0;
    }
  }

  /** The peer gave a sign of life. */
  public final void heard() {
    heard = true;
  }

  /** Whether another message may be handed over; where not, {@link Transport#resume} tells when. */
  public final boolean isReadable() {
    boolean readable = unanswered < MAX_UNANSWERED && !isHeld() && closing == null;
    paused = !readable;
    return readable;
  }

  /** The peer closes: it is answered, and nothing is read from it any more. */
  public final void closedByPeer(CloseCode code) {
    if (closing == null) {
      settings.metrics().closed(code);
      beginClosing(code);
    }
  }

  /** The connection is gone. */
  public final void ended() {
    if (closing == null) {
      settings.metrics().broken();
      closing = CloseCode.GOING_AWAY;
    }
    leaveOnce();
  }

  /**
   * Takes the connection out of whatever it was in; called once, when it is gone or being closed.
   */
  protected abstract void left();

  public final long id() {
    return id;
  }

  public final Identity identity() {
    return identity;
  }

  /** What its user is called. */
  public String displayName() {
    return identity.displayName();
  }

  public final Outbound outbound() {
    return transport().outbound();
  }

  public final void close(CloseCode code) {
    if (closing != null) {
      return;
    }
    settings.metrics().closed(code);
    beginClosing(code);
    transport().close(code);
  }

  /** Joins the room by an operator's word; false where it cannot, or is in it already. */
  boolean put(RoomName room) {
    return false;
  }

  /** Leaves the room by an operator's word; false where it is not in it. */
  protected boolean take(RoomName room) {
    return false;
  }

  /** Ends it by an operator's word; false where it is ending already. */
  final boolean disconnect() {
    if (closing != null) {
      return false;
    }
    close(CloseCode.DISCONNECTED);
    return true;
  }

  /** The rooms that it is in. */
  protected List<RoomName> joinedRooms() {
    return List.of();
  }

  /** Whether it is in this room; asked of every connection, so it makes no list. */
  protected boolean isIn(RoomName room) {
    return false;
  }

  @Nullable String subprotocol() {
    return null;
  }

  final ConnectionView view() {
    return new ConnectionView(
        id,
        identity.user(),
        displayName(),
        identity.guest(),
        kind(),
        peer.address(),
        peer.agent(),
        Instant.ofEpochMilli(since),
        joinedRooms(),
        messagesIn,
        outbound().backlog(),
        roundTripMicros == 0 ? null : roundTripMicros / 1_000.0,
        subprotocol());
  }

  protected final ConnectionSettings settings() {
    return settings;
  }

  protected final boolean isClosing() {
    return closing != null;
  }

  /** A message is on its way to a room, and {@link #answered} will follow. */
  protected final void unanswered() {
    unanswered++;
  }

  protected final void answered() {
    unanswered--;
    resume();
  }

  /** Whether something else than unanswered publishes keeps it from being read. */
  protected boolean isHeld() {
    return false;
  }

  /** Reads on, where reading paused and may go on now. */
  protected final void resume() {
    if (paused && isReadable()) {
      transport().resume();
    }
  }

  /** Why the connection is to be closed by now, if it is. */
  protected @Nullable CloseCode expired(long now) {
    return null;
  }

  /** Once a second: heartbeat and deadlines. */
  final void sweep(long now) {
    if (closing != null) {
      if (closingSince != 0 && now - closingSince > CLOSE_NANOS) {
        closingSince = 0;
        transport().abort();
      }
      return;
    }
    CloseCode expired =
        isTokenExpired()
            ? CloseCode.TOKEN_EXPIRED
            : outbound().stalledNanos(now) > STALLED_NANOS ? CloseCode.TOO_SLOW : expired(now);
    if (expired != null) {
      close(expired);
    } else if (now - nextPing >= 0) {
      beat(now);
    }
  }

  private void beginClosing(CloseCode code) {
    closing = code;
    closingSince = System.nanoTime();
    // Not at once: who closes may be walking through the very lists that leaving changes.
    outbound().lane().execute(this::leaveOnce);
  }

  private void leaveOnce() {
    if (!hasLeft) {
      hasLeft = true;
      left();
    }
  }

  private void beat(long now) {
    // While reading pauses a pong cannot be heard: silence then is ours, not the peer's.
    if (pinged && !heard && !paused) {
      close(CloseCode.HEARTBEAT_MISSED);
      return;
    }
    pinged = true;
    heard = false;
    nextPing = now + settings.heartbeat().toNanos();
    pingSentAt = now;
    transport().ping();
  }

  private boolean isTokenExpired() {
    return identity.expiresAt() != null
        && settings.now().isAfter(identity.expiresAt().plus(settings.clockSkew()));
  }

  private Transport transport() {
    if (transport == null) {
      throw new IllegalStateException("not open yet");
    }
    return transport;
  }
}
