package dev.parley.http;

import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The kernel's socket under a connection, with or without TLS in between. */
final class KernelSocket {
  private static final Logger log = LoggerFactory.getLogger(KernelSocket.class);

  private KernelSocket() {}

  /** Whether the kernel has bytes of the client that nobody has read yet. */
  static boolean hasUnread(Connection connection) {
    SocketChannel channel = channel(innermost(connection));
    try {
      return channel != null && channel.socket().getInputStream().available() > 0;
    } catch (IOException closedAlready) {
      return false;
    }
  }

  /**
   * Drops what the kernel still holds for the client as well, instead of keeping it for minutes.
   */
  static void reset(Connection connection) {
    EndPoint innermost = innermost(connection);
    SocketChannel channel = channel(innermost);
    if (channel != null) {
      try {
        channel.setOption(StandardSocketOptions.SO_LINGER, 0);
      } catch (IOException closedAlready) {
        log.trace("{} was closed already", connection);
      }
    }
    innermost.close();
  }

  private static EndPoint innermost(Connection connection) {
    EndPoint innermost = connection.getEndPoint();
    while (innermost.getTransport() instanceof EndPoint below) {
      innermost = below;
    }
    return innermost;
  }

  private static @Nullable SocketChannel channel(EndPoint innermost) {
    return innermost.getTransport() instanceof SocketChannel channel ? channel : null;
  }
}
