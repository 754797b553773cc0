package dev.parley.connection;

import dev.parley.access.Identity;
import dev.parley.budget.Account;
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
 * {@link #ended} once, whoever ended it. What had been received by then takes effect, unless we
 * closed it.
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

  /** A little more than the broker takes to say that it cannot. */
  private static final long ENDING_SECONDS = 6;

  private static final long ENDING_NANOS = TimeUnit.SECONDS.toNanos(ENDING_SECONDS);

  private final long id;
  private final Identity identity;
  private final ConnectionSettings settings;
  private @Nullable Transport transport;
  private int unanswered;

  /** Of frames that wait their turn or an answer. */
  private long waitingBytes;

  private Account account = Account.NOBODY;
  private boolean paused;
  private final Heartbeat heartbeat;
  private long messagesIn;
  private long since;
  private ClientInfo peer = ClientInfo.UNKNOWN;

  /** When the peer ended its side, or the close began. */
  private long endingSince;

  /** The peer sends nothing more, and what it sent may still have to take effect. */
  private boolean peerEnded;

  /** What the peer closed with; null where its stream ended without a close frame. */
  private @Nullable CloseCode peerCode;

  private @Nullable CloseCode closing;
  private boolean hasLeft;
  private boolean gone;

  /** Where this stands in its lane's list of connections; kept by {@link Connections}. */
  int index = -1;

  protected Connection(long id, Identity identity, ConnectionSettings settings) {
    this.id = id;
    this.identity = identity;
    this.settings = settings;
    heartbeat = new Heartbeat(settings.heartbeat());
  }

  /**
   * Who is at the other end, and who answers for what it makes the instance hold; told before it is
   * opened, from any thread.
   */
  public final void from(ClientInfo other, Account answering) {
    peer = other;
    account = answering;
  }

  public final Account account() {
    return account;
  }

  /**
   * Counts bytes of what the client sent that nobody can take yet, until they are {@linkplain
   * #release released}; false if the instance holds enough of them, or the user does.
   */
  public final boolean tryHold(long bytes) {
    return tryHold(0, bytes);
  }

  /**
   * As {@link #tryHold(long)}, for something that grows.
   *
   * @param held bytes of it that are counted already, and stay so if more may not be held
   * @param bytes that it is to have altogether
   */
  public final boolean tryHold(long held, long bytes) {
    return settings.inbound().tryReplace(account, held, bytes);
  }

  public final void release(long bytes) {
    settings.inbound().give(account, bytes);
  }

  /** The transport is up: whatever it is to be greeted with is sent now. */
  public final void open(Transport carrier) {
    transport = carrier;
    since = settings.now().toEpochMilli();
    heartbeat.begin();
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
    heartbeat.ponged();
  }

  /** The peer gave a sign of life. */
  public final void heard() {
    heartbeat.heard();
  }

  /** Whether another message may be handed over; where not, {@link Transport#resume} tells when. */
  public final boolean isReadable() {
    boolean readable =
        unanswered < MAX_UNANSWERED
            && waitingBytes < settings.maxWaitingBytes()
            && !isHeld()
            && !isEnding();
    paused = !readable;
    return readable;
  }

  /**
   * The peer sends nothing more. What it has sent takes effect, in order, before the connection
   * ends; {@link Transport#end} follows then, at the latest after {@value #ENDING_SECONDS} s.
   *
   * @param code that the peer closed with; null where its stream ended without a close frame
   */
  public final void endedByPeer(@Nullable CloseCode code) {
    if (closing == null && !peerEnded) {
      peerEnded = true;
      peerCode = code;
      endingSince = System.nanoTime();
      settle();
    }
  }

  /** The socket is gone. Unless we closed it, what had been received still takes effect. */
  public final void ended() {
    gone = true;
    if (closing == null) {
      endedByPeer(null);
    } else {
      leaveOnce();
    }
  }

  /**
   * Takes the connection out of whatever it was in; called once, when it is being closed, or gone
   * and nothing that it sent is still to take effect.
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

  /** Joins the room by an operator's word; false if it cannot, or is in it already. */
  boolean forceJoin(RoomName room) {
    return false;
  }

  /** Leaves the room by an operator's word; false if it is not in it. */
  protected boolean forceLeave(RoomName room) {
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
        heartbeat.roundTripMillis(),
        subprotocol());
  }

  protected final ConnectionSettings settings() {
    return settings;
  }

  /** Whether nothing is to take effect any more. */
  protected final boolean isClosing() {
    return closing != null;
  }

  /** Whether it ends, or will as soon as what its peer sent has taken effect. */
  protected final boolean isEnding() {
    return closing != null || peerEnded;
  }

  /** A frame of so many bytes waits its turn, until {@link #waitsNoMore}. */
  protected final void waits(long bytes) {
    waitingBytes += bytes;
  }

  protected final void waitsNoMore(long bytes) {
    waitingBytes -= bytes;
  }

  /** Something of so many bytes is on its way to a room, and {@link #answered} will follow. */
  protected final void unanswered(long bytes) {
    unanswered++;
    waits(bytes);
  }

  protected final void answered(long bytes) {
    unanswered--;
    waitsNoMore(bytes);
    resume();
    settle();
  }

  /** Whether something that the peer sent is still to take effect or to be answered. */
  protected boolean isUnfinished() {
    return unanswered > 0;
  }

  /** Something has taken effect: a connection whose peer ended it ends where that was the last. */
  protected final void settle() {
    if (peerEnded && closing == null && !isUnfinished()) {
      endAfterPeer();
    }
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
      if (endingSince != 0 && now - endingSince > CLOSE_NANOS) {
        endingSince = 0;
        transport().abort();
      }
      return;
    }
    if (peerEnded) {
      if (now - endingSince > ENDING_NANOS) {
        endAfterPeer();
      }
      return;
    }
    CloseCode expired =
        isTokenExpired()
            ? CloseCode.TOKEN_EXPIRED
            : isTooSlow(now) ? CloseCode.TOO_SLOW : expired(now);
    transport().readAgain();
    if (expired != null) {
      close(expired);
    } else if (heartbeat.isDue(now)) {
      beat(now);
    }
  }

  private boolean isTooSlow(long now) {
    return outbound().stalledNanos(now) > STALLED_NANOS || transport().isLate(now);
  }

  private void endAfterPeer() {
    if (peerCode == null) {
      settings.metrics().broken();
    } else {
      settings.metrics().closed(peerCode);
    }
    if (transport == null) {
      closing = CloseCode.GOING_AWAY;
      leaveOnce();
      return;
    }
    beginClosing(peerCode == null ? CloseCode.GOING_AWAY : peerCode);
    // The last answers go out first: ending drops what is not yet written.
    outbound().lane().afterFlush(transport::end);
  }

  private void beginClosing(CloseCode code) {
    closing = code;
    endingSince = System.nanoTime();
    // Not at once: who closes may be walking through the very lists that leaving changes.
    outbound().lane().execute(this::leaveOnce);
  }

  private void leaveOnce() {
    if (!hasLeft) {
      hasLeft = true;
      left();
    }
    if (gone && transport != null) {
      transport.released();
    }
  }

  private void beat(long now) {
    // While reading pauses a pong cannot be heard: silence then is ours, not the peer's.
    if (heartbeat.isMissed() && !paused) {
      close(CloseCode.HEARTBEAT_MISSED);
      return;
    }
    heartbeat.sent(now);
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
