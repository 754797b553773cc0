package dev.parley.connection;

import dev.parley.access.Identity;
import dev.parley.budget.Account;
import dev.parley.delivery.Outbound;
import dev.parley.protocol.CloseCode;
import dev.parley.protocol.RoomName;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One client's connection, whatever it speaks: its identity, how it is read, and the deadlines that
 * end it. Belongs to its lane; every method is called there.
 *
 * <p>Life: {@link #opened}, then messages as long as it {@link #isReadable is readable}, then
 * {@link #ended} once, whoever ended it. What had been received by then takes effect, unless we
 * closed it.
 */
public abstract class Connection extends Intake {
  private final long id;
  private final Identity identity;
  private @Nullable Transport transport;

  private final Ending ending;
  private final Deadlines deadlines;
  private long messagesIn;
  private long since;
  private ClientInfo peer = ClientInfo.UNKNOWN;

  /** Where this stands in its lane's list of connections; kept by {@link LaneConnections}. */
  int index = -1;

  // Both keep the reference, and call nothing that a subclass has.
  @SuppressWarnings("this-escape")
  protected Connection(long id, Identity identity, ConnectionSettings settings) {
    super(settings);
    this.id = id;
    this.identity = identity;
    ending = new Ending(this);
    deadlines = new Deadlines(this);
  }

  /**
   * Who is at the other end, and who answers for what it makes the instance hold; told before it is
   * opened, from any thread.
   */
  public final void from(ClientInfo other, Account answering) {
    peer = other;
    chargedTo(answering);
  }

  /** The transport is up: whatever it is to be greeted with is sent now. */
  public final void open(Transport carrier) {
    transport = carrier;
    since = settings().now().toEpochMilli();
    deadlines.heartbeat().begin();
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
    deadlines.heartbeat().ponged();
  }

  /** The peer gave a sign of life. */
  public final void heard() {
    deadlines.heartbeat().heard();
  }

  /**
   * The peer sends nothing more. What it has sent takes effect, in order, before the connection
   * ends; {@link Transport#end} follows then, at the latest after {@value Ending#PATIENCE_SECONDS}
   * s.
   *
   * @param code that the peer closed with; null if its stream ended without a close frame
   */
  public final void endedByPeer(@Nullable CloseCode code) {
    ending.endedByPeer(code);
  }

  /** The socket is gone. Unless we closed it, what had been received still takes effect. */
  public final void ended() {
    ending.socketGone();
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
    ending.close(code);
  }

  /** Joins the room by an operator's word; false if it cannot, or is in it already. */
  boolean forceJoin(RoomName room) {
    return false;
  }

  /** Leaves the room by an operator's word; false if it is not in it. */
  protected boolean forceLeave(RoomName room) {
    return false;
  }

  /** Ends it by an operator's word; false if it is ending already. */
  final boolean disconnect() {
    if (isClosing()) {
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
        deadlines.heartbeat().roundTripMillis(),
        subprotocol());
  }

  /** Whether nothing is to take effect any more. */
  protected final boolean isClosing() {
    return ending.isClosing();
  }

  @Override
  protected final boolean isEnding() {
    return ending.hasBegun();
  }

  @Override
  protected final void settle() {
    ending.settle();
  }

  /** Why the connection is to be closed by now, if it is. */
  protected @Nullable CloseCode expired(long now) {
    return null;
  }

  /** Once a second: deadlines and heartbeat, or how the end gets on. */
  final void sweep(long now) {
    if (isEnding()) {
      ending.sweep(now);
    } else {
      deadlines.sweep(now);
    }
  }

  final @Nullable Transport transportIfOpen() {
    return transport;
  }

  @Override
  final Transport transport() {
    if (transport == null) {
      throw new IllegalStateException("not open yet");
    }
    return transport;
  }
}
