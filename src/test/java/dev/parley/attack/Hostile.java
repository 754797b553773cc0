package dev.parley.attack;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.parley.cluster.Door;
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
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A client that sends exactly what it is told, from an address of loopback of its own choice, and
 * reads only when it is told to.
 */
final class Hostile implements AutoCloseable {
  static final int TEXT = 0x81;
  static final int FIRST_FRAGMENT = 0x01;
  static final int CONTINUATION = 0x00;
  static final int CLOSE = 0x88;
  static final int PING = 0x89;
  static final int PONG = 0x8A;

  /** Instead of a close code: the connection broke, or the server said nothing in time. */
  static final int BROKEN = 1006;

  static final int OPEN = 0;

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
  static Socket open(Door door, int address, int receiveBuffer) throws IOException {
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
   * Connects with a small receive buffer, so that the server has to hold what is not read.
   *
   * @throws IOException with the status where the handshake is refused
   */
  static Hostile connect(Door door, int address, String token) throws IOException {
    Socket socket = open(door, address, 8 * 1024);
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
   */
  static List<Hostile> connect(Door door, String user, int count) {
    String token = door.credential(user);
    List<Hostile> connected = Collections.synchronizedList(new ArrayList<>());
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      for (int i = 0; i < count; i++) {
        int address = 2 + connects.getAndIncrement() % ADDRESSES;
        threads.execute(() -> {
          try {
            connected.add(connect(door, address, token));
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

  /**
   * A masked frame with this first byte; its mask is of zeros, which leaves the payload as it is.
   */
  static byte[] frame(int first, byte[] payload) {
    ByteBuffer frame = ByteBuffer.allocate(payload.length + 8);
    frame.put((byte) first);
    if (payload.length < 126) {
      frame.put((byte) (0x80 | payload.length));
    } else {
      frame.put((byte) (0x80 | 126)).putShort((short) payload.length);
    }
    byte[] bytes = new byte[frame.putInt(0).put(payload).position()];
    frame.get(0, bytes);
    return bytes;
  }

  static byte[] text(String text) {
    return frame(TEXT, text.getBytes(UTF_8));
  }

  static byte[] message(String room, String content) {
    return text(
        "{\"type\":\"message\",\"room\":\"%s\",\"echo\":false,\"content\":\"%s\"}"
            .formatted(room, content));
  }

  /** A message that is acknowledged. */
  static byte[] asked(String room, String content) {
    return text(
        "{\"type\":\"message\",\"room\":\"%s\",\"ref\":\"m\",\"echo\":false,\"content\":\"%s\"}"
            .formatted(room, content));
  }

  static byte[] join(String room) {
    return text("{\"type\":\"join\",\"ref\":\"j\",\"room\":\"%s\"}".formatted(room));
  }

  /** One frame that joins all of these. */
  static byte[] join(List<String> rooms) {
    return join(rooms, "");
  }

  /**
   * As {@link #join(List)}.
   *
   * @param more fields, each with a comma before it
   */
  static byte[] join(List<String> rooms, String more) {
    String list =
        rooms.stream().map("{\"room\":\"%s\"}"::formatted).collect(Collectors.joining(","));
    return text("{\"type\":\"join\",\"ref\":\"j\",\"rooms\":[" + list + "]" + more + "}");
  }

  /** Asks for the newest 100 messages. */
  static byte[] history(String room) {
    return text(
        "{\"type\":\"history\",\"ref\":\"h\",\"room\":\"%s\",\"limit\":100}".formatted(room));
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
      if (received.opcode() == CLOSE) {
        throw new IOException("closed with " + received.closeCode());
      }
      if (received.opcode() == TEXT) {
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
        if (received.opcode() == CLOSE) {
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
