package dev.parley.support;

import java.io.IOException;
import java.net.Socket;

/** Where clients come in, on loopback: an instance, or what stands in front of several. */
public interface Entrance {
  int port();

  /** What is spoken over once connected: the socket itself, or TLS on it. */
  default Socket secure(Socket plain) throws IOException {
    return plain;
  }

  /** What this user shows for itself. */
  default String credential(String user) {
    return ParleyProcess.token(user);
  }

  /** Lines of the handshake beside those of every client, each with its line end. */
  default String headers() {
    return "";
  }
}
