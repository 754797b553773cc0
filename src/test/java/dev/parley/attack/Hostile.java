package dev.parley.attack;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.parley.support.Entrance;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A client that sends exactly what it is told, from an address of loopback of its own choice, and
 * reads only when it is told to.
 */
final class Hostile implements AutoCloseable {
  /** Instead of a close code: the connection broke, or the server said nothing in time. */
  static final int BROKEN = 1006;

  static final int OPEN = 0;

  /** Bytes of receive buffer. A small one slows down whoever reads, too. */
  private static final int ROOM = 64 * 1024;

  private static final int LITTLE_ROOM = 8 * 1024;
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  /** So many that none makes more handshakes than one address may. */
  private static final int ADDRESSES = 240;

  private static final AtomicInteger connects = new AtomicInteger();
  private static final JsonMapper json = JsonMapper.shared();

  private final Socket socket;
  private final DataInputStream in;

  private Hostile(Socket socket, DataInputStream in) {
    this.socket = socket;
    this.in = in;
  }

  /** A TCP connection from the address 127.0.1.{@code address}. */
  static Socket open(Entrance door, int address) throws IOException {
    return open(door, address, ROOM);
  }

  private static Socket open(Entrance door, int address, int receiveBuffer) throws IOException {
    Socket socket = new Socket();
    try {
      socket.setTcpNoDelay(true);
      socket.setReceiveBufferSize(receiveBuffer);
      socket.setSoTimeout((int) PATIENCE.toMillis());
      socket.bind(new InetSocketAddress("127.0.1." + address, 0));
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), door.port()));
      return socket;
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  /**
   * @throws IOException with the status where the handshake is refused
   */
  static Hostile connect(Entrance door, int address, String token) throws IOException {
    return connect(door, address, token, ROOM);
  }

  private static Hostile connect(Entrance door, int address, String token, int receiveBuffer)
      throws IOException {
    Socket socket = open(door, address, receiveBuffer);
    try {
      socket
          .getOutputStream()
          .write(
              """
              GET /ws HTTP/1.1\r
              Host: 127.0.0.1:%d\r
              Upgrade: websocket\r
              Connection: Upgrade\r
              Sec-WebSocket-Version: 13\r
              Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r
              Sec-WebSocket-Protocol: parley.v1\r
              Authorization: Bearer %s\r
              \r
              """
                  .formatted(door.port(), token)
                  .getBytes(UTF_8));
      DataInputStream in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
      String status = line(in);
      if (!status.startsWith("HTTP/1.1 101")) {
        throw new IOException(status);
      }
      while (!line(in).isEmpty()) {
        // What the headers say is other tests' subject.
      }
      return new Hostile(socket, in);
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  /**
   * So many connections of one user, from several addresses; those that are refused are left out.
   * Their receive buffers are small, so that the server has to hold what is not read.
   */
  static List<Hostile> connect(Entrance door, String user, int count) {
    String token = door.credential(user);
    List<Hostile> connected = Collections.synchronizedList(new ArrayList<>());
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      for (int i = 0; i < count; i++) {
        int address = 2 + connects.getAndIncrement() % ADDRESSES;
        threads.execute(() -> {
          try {
            connected.add(connect(door, address, token, LITTLE_ROOM));
          } catch (IOException refused) {
            // Fewer than were asked for tell of it.
          }
        });
      }
    }
    return List.copyOf(connected);
  }

  private static String line(DataInputStream in) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (byte read = in.readByte(); read != '\n'; read = in.readByte()) {
      line.write(read);
    }
    return line.toString(UTF_8).strip();
  }

  /** Blocks while the server does not read. */
  void send(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
  }

  /** Sends until the connection ends, which is what the other side is expected to bring about. */
  void sendAll(List<byte[]> frames) {
    try {
      for (byte[] frame : frames) {
        send(frame);
      }
    } catch (IOException closed) {
      // The close code tells why, where it is asked for.
    }
  }

  /** Sends the end of the stream. */
  void halfClose() throws IOException {
    socket.shutdownOutput();
  }

  /** Reads up to the next frame of one of these types, for 20 s at most. */
  JsonNode next(String... types) throws IOException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (System.nanoTime() < end) {
      Received received = read();
      if (received.opcode() == Frames.CLOSE) {
        throw new IOException("closed with " + received.closeCode());
      }
      if (received.opcode() == Frames.TEXT) {
        JsonNode frame = json.readTree(received.payload());
        if (List.of(types).contains(frame.path("type").asString())) {
          return frame;
        }
      }
    }
    throw new SocketTimeoutException("no " + List.of(types));
  }

  /** Sends the same again and again until the connection ends; the code it was closed with. */
  int flood(byte[] frames, Duration patience) {
    Thread sender = Thread.ofPlatform().daemon().start(() -> floodUntilClosed(frames));
    int code = closeCode(patience);
    close();
    sender.interrupt();
    return code;
  }

  private void floodUntilClosed(byte[] frames) {
    try {
      while (true) {
        send(frames);
      }
    } catch (IOException closed) {
      // The reader knows why.
    }
  }

  /** Reads to the end: the close code, {@link #BROKEN} or, where nothing came for so long, OPEN. */
  int closeCode(Duration patience) {
    long end = System.nanoTime() + patience.toNanos();
    try {
      while (System.nanoTime() < end) {
        socket.setSoTimeout((int) patience.toMillis());
        Received received = read();
        if (received.opcode() == Frames.CLOSE) {
          return received.closeCode();
        }
      }
      return OPEN;
    } catch (SocketTimeoutException silent) {
      return OPEN;
    } catch (IOException broken) {
      return BROKEN;
    }
  }

  private record Received(int opcode, byte[] payload) {
    int closeCode() {
      return payload.length < 2 ? BROKEN : ByteBuffer.wrap(payload).getShort();
    }
  }

  private Received read() throws IOException {
    int opcode = in.readUnsignedByte();
    int length = in.readUnsignedByte();
    int bytes =
        switch (length) {
          case 126 -> in.readUnsignedShort();
          case 127 -> (int) in.readLong();
          default -> length;
        };
    byte[] payload = new byte[bytes];
    in.readFully(payload);
    return new Received(opcode, payload);
  }

  @Override
  public void close() {
    try {
      // A reset: nobody is to wait for what was not read.
      socket.setSoLinger(true, 0);
      socket.close();
    } catch (IOException alreadyClosed) {
      // What was to be reached.
    }
  }
}
