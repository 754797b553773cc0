package dev.parley.connection;

import dev.parley.delivery.Outbound;
import dev.parley.protocol.CloseCode;

/** What carries a connection. Every method is called on the connection's lane. */
public interface Transport {

  Outbound outbound();

  /** Reading may go on after {@link Connection#isReadable} was false. */
  void resume();

  /** Goes on with reading if it paused since the instance held too much. */
  void readAgain();

  /** Whether a message that the peer began is not complete though it should be by now. */
  boolean isLate(long now);

  /** Asks the peer for a sign of life. */
  void ping();

  /**
   * Ends the connection: what was not begun to be sent is dropped, the code is the last thing the
   * peer reads, and {@link Connection#ended} follows. Again: nothing.
   */
  void close(CloseCode code);

  /**
   * Answers the peer's close, or ends a stream that the peer ended: what it sent has taken effect.
   * Nothing if the socket is gone.
   */
  void end();

  /** The socket is gone, and the connection has left whatever it was in. Again: nothing. */
  void released();

  /** Ends the connection at once, if the peer did not answer the close. */
  void abort();
}
