package dev.parley.connection;

import dev.parley.delivery.Outbound;
import dev.parley.protocol.CloseCode;

/** What carries a connection. Every method is called on the connection's lane. */
public interface Transport {

  Outbound outbound();

  /** Reading may go on after {@link Connection#isReadable} was false. */
  void resume();

  /** Asks the peer for a sign of life. */
  void ping();

  /**
   * Ends the connection: what was not begun to be sent is dropped, the code is the last thing the
   * peer reads, and {@link Connection#ended} follows. Again: nothing.
   */
  void close(CloseCode code);

  /** Ends the connection at once, where the peer did not answer the close. */
  void abort();
}
