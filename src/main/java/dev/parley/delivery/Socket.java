package dev.parley.delivery;

import java.io.IOException;
import java.nio.ByteBuffer;

/** What an {@link Outbound} writes to. Called on its lane; never blocks. */
public interface Socket {

  /** Writes what the peer takes at once; true if that was everything. */
  boolean flush(ByteBuffer bytes) throws IOException;

  /**
   * Writes the rest as the peer takes it, then calls {@link Outbound#written} or {@link
   * Outbound#failed} on the lane. One such write is outstanding at a time, and nothing is flushed
   * meanwhile.
   */
  void write(ByteBuffer rest);

  /** The reader is too slow: more than the limit waits for it. The socket is to be closed. */
  void overflowed();

  /** The socket broke while writing. */
  void broken(Throwable cause);
}
