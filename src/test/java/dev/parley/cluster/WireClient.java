package dev.parley.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.parley.support.Entrance;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A client of {@code parley.v1} on a plain socket: a sender that is not read is blocked, and a
 * connection can be dropped as a network drops it. A thread of its own reads.
 */
final class WireClient implements AutoCloseable {
  private static final JsonMapper json = JsonMapper.shared();
  private static final int TEXT = 1;
  private static final int CLOSE = 8;
  private static final int PING = 9;
  private static final int PONG = 10;

  /** Close code of a connection that ended without one. */
  static final int BROKEN = 1006;

  private final Socket socket;
  private final DataInputStream in;
  private final Thread reader;
  private volatile int closeCode;

  private WireClient(
      Socket socket,
      DataInputStream in,
      BiConsumer<WireClient, JsonNode> frames,
      Consumer<WireClient> ended) {
    this.socket = socket;
    this.in = in;
    reader =
        Thread.ofVirtual()
            .unstarted(() -> {
              closeCode = read(frames);
              ended.accept(this);
            });
  }

  static WireClient connect(Entrance door, String user, BiConsumer<WireClient, JsonNode> frames)
      throws IOException {
    return connect(door, user, frames, client -> {});
  }

  /**
   * @param frames called for each frame, in order, on the reading thread
   * @param ended called once when the connection is over, on the same thread
   */
  static WireClient connect(
      Entrance door,
      String user,
      BiConsumer<WireClient, JsonNode> frames,
      Consumer<WireClient> ended)
      throws IOException {
    Socket socket = new Socket();
    try {
      socket.setTcpNoDelay(true);
      socket.setSendBufferSize(32 * 1024);
      socket.setSoTimeout((int) Duration.ofSeconds(20).toMillis());
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), door.port()));
      socket = door.secure(socket);
      socket.getOutputStream().write(upgrade(door, user));
      DataInputStream in =
          new DataInputStream(new BufferedInputStream(socket.getInputStream(), 64 * 1024));
      String status = line(in);
      if (!status.startsWith("HTTP/1.1 101")) {
        throw new IOException(status);
      }
      while (!line(in).isEmpty()) {
        // What the headers say is other tests' subject.
      }
      socket.setSoTimeout(0);
      WireClient client = new WireClient(socket, in, frames, ended);
      client.reader.start();
      return client;
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  private static byte[] upgrade(Entrance door, String user) {
    return """
    GET /ws HTTP/1.1\r
    Host: 127.0.0.1:%d\r
    Upgrade: websocket\r
    Connection: Upgrade\r
    Sec-WebSocket-Version: 13\r
    Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r
    Sec-WebSocket-Protocol: parley.v1\r
    Authorization: Bearer %s\r
    %s\r
    """
        .formatted(door.port(), door.credential(user), door.headers())
        .getBytes(UTF_8);
  }

  private static String line(DataInputStream in) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (byte read = in.readByte(); read != '\n'; read = in.readByte()) {
      line.write(read);
    }
    return line.toString(UTF_8).strip();
  }

  private int read(BiConsumer<WireClient, JsonNode> frames) {
    try {
      while (true) {
        int opcode = in.readByte() & 0x8f;
        int length = in.readByte();
        byte[] payload =
            new byte
                [switch (length) {
                  case 126 -> in.readUnsignedShort();
                  case 127 -> (int) in.readLong();
                  default -> length;
                }];
        in.readFully(payload);
        switch (opcode) {
          case 0x80 | TEXT -> frames.accept(this, json.readTree(payload));
          case 0x80 | PING -> send(PONG, payload);
          case 0x80 | CLOSE -> {
            send(CLOSE, payload);
            socket.close();
            return ByteBuffer.wrap(payload).getShort();
          }
          default -> throw new IOException("opcode " + Integer.toHexString(opcode));
        }
      }
    } catch (IOException over) {
      return BROKEN;
    }
  }

  /** Blocks while the server does not read. */
  void send(String frame) throws IOException {
    send(TEXT, frame.getBytes(UTF_8));
  }

  private void send(int opcode, byte[] payload) throws IOException {
    ByteBuffer frame = ByteBuffer.allocate(payload.length + 14);
    frame.put((byte) (0x80 | opcode));
    if (payload.length < 126) {
      frame.put((byte) (0x80 | payload.length));
    } else if (payload.length < 65_536) {
      frame.put((byte) (0x80 | 126)).putShort((short) payload.length);
    } else {
      frame.put((byte) (0x80 | 127)).putLong(payload.length);
    }
    // A mask of zeros is a mask too, and leaves the payload as it is.
    frame.putInt(0).put(payload);
    synchronized (socket) {
      socket.getOutputStream().write(frame.array(), 0, frame.position());
    }
  }

  boolean isOpen() {
    return closeCode == 0;
  }

  /** What the server closed it with, {@link #BROKEN} where it broke, 0 while it is open. */
  int closeCode() {
    return closeCode;
  }

  /** Breaks the connection; what was not read is lost, and no frame is handed over afterwards. */
  void drop() {
    try {
      socket.close();
      reader.join();
    } catch (IOException alreadyClosed) {
      // What was to be reached.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    drop();
  }
}
