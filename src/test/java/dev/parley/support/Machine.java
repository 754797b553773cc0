package dev.parley.support;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/** What tests ask of the machine that they run on. */
public final class Machine {
  private Machine() {}

  /** The first of these programs that is on the PATH, or where Debian has its servers. */
  public static Optional<Path> program(String... names) {
    String path = System.getenv().getOrDefault("PATH", "");
    return Stream.of(names)
        .flatMap(name ->
            Stream.concat(Stream.of(path.split(":", -1)), Stream.of("/usr/sbin"))
                .map(directory -> Path.of(directory, name)))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /** A port of loopback that was free a moment ago, for a program that cannot choose one itself. */
  public static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
