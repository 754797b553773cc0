package dev.parley.support;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import javax.net.SocketFactory;
import org.jspecify.annotations.Nullable;

/** How a {@link TestClient} connects. Nothing is sent that was not asked for. */
public final class Handshake {
  private final int port;
  private final String target;
  private final List<String> headers = new ArrayList<>();
  private final List<String> subprotocols = new ArrayList<>();
  private SocketFactory sockets = SocketFactory.getDefault();
  private int receiveBuffer;
  private boolean reading = true;
  private int sendBuffer;
  private boolean answersPings = true;
  private boolean answersCloses;
  private byte[] behind = {};
  private @Nullable Consumer<Received> listener;
  private Runnable over = () -> {};
  private @Nullable Entrance door;

  public Handshake(int port, String target) {
    this.port = port;
    this.target = target;
  }

  /** Of a user who speaks the whole protocol, at an instance or what stands in front of it. */
  public static Handshake at(Entrance door, String user) {
    Handshake handshake =
        new Handshake(door.port(), "/ws").subprotocol("parley.v1").token(door.credential(user));
    door.headers().lines().forEach(handshake::header);
    handshake.door = door;
    return handshake;
  }

  public Handshake header(String line) {
    headers.add(line);
    return this;
  }

  public Handshake subprotocol(String name) {
    subprotocols.add(name);
    return this;
  }

  public Handshake token(String token) {
    return header("Authorization: Bearer " + token);
  }

  public Handshake origin(String origin) {
    return header("Origin: " + origin);
  }

  public Handshake over(SocketFactory factory) {
    sockets = factory;
    return this;
  }

  /** A small window, so that a reader that does not read is noticed soon. */
  public Handshake receiveBuffer(int bytes) {
    receiveBuffer = bytes;
    return this;
  }

  /** A small one, so that a sender whom the server does not read is blocked soon. */
  public Handshake sendBuffer(int bytes) {
    sendBuffer = bytes;
    return this;
  }

  /** Reads nothing until {@link TestClient#read}. */
  public Handshake notReading() {
    reading = false;
    return this;
  }

  public Handshake deafToPings() {
    answersPings = false;
    return this;
  }

  /** Answers the server's close frame and ends, as clients should; else a test does as it likes. */
  public Handshake answeringCloses() {
    answersCloses = true;
    return this;
  }

  /** Called on the reading thread when nothing can come any more. */
  public Handshake whenOver(Runnable action) {
    over = action;
    return this;
  }

  /** Hands over what is received, on the reading thread, and keeps none of it. */
  public Handshake listening(Consumer<Received> to) {
    listener = to;
    return this;
  }

  /** Sends this in one piece with the request, before the answer has come. */
  public Handshake followedBy(byte[] bytes) {
    behind = bytes;
    return this;
  }

  public TestClient connect() {
    Socket socket = null;
    try {
      socket = open();
      InputStream in = new BufferedInputStream(socket.getInputStream(), 64 * 1024);
      RawHttp.Answer answer = RawHttp.readHead(in);
      if (answer.status() != 101) {
        throw new IOException("the handshake was refused: " + answer.head());
      }
      socket.setSoTimeout(0);
      return new TestClient(
          socket, in, answer, reading, answersPings, answersCloses, listener, over);
    } catch (IOException failed) {
      closeQuietly(socket);
      throw new UncheckedIOException(failed);
    }
  }

  /** The answer to a handshake that is to be refused. */
  public RawHttp.Answer refused() {
    try (Socket socket = open()) {
      return RawHttp.read(socket.getInputStream());
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  private Socket open() throws IOException {
    Socket socket = sockets.createSocket();
    if (receiveBuffer > 0) {
      socket.setReceiveBufferSize(receiveBuffer);
    }
    if (sendBuffer > 0) {
      socket.setSendBufferSize(sendBuffer);
    }
    socket.connect(new java.net.InetSocketAddress(InetAddress.getLoopbackAddress(), port), 10_000);
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(60_000);
    if (door != null) {
      socket = door.secure(socket);
    }
    byte[] head = request().getBytes(StandardCharsets.UTF_8);
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.writeBytes(head);
    all.writeBytes(behind);
    socket.getOutputStream().write(all.toByteArray());
    return socket;
  }

  private String request() {
    StringBuilder request = new StringBuilder("GET " + target + " HTTP/1.1\r\n");
    request
        .append("Host: 127.0.0.1:" + port + "\r\n")
        .append("Upgrade: websocket\r\nConnection: Upgrade\r\n")
        .append("Sec-WebSocket-Version: 13\r\n")
        .append("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n");
    if (!subprotocols.isEmpty()) {
      request.append("Sec-WebSocket-Protocol: " + String.join(", ", subprotocols) + "\r\n");
    }
    headers.forEach(line -> request.append(line).append("\r\n"));
    return request.append("\r\n").toString();
  }

  private static void closeQuietly(@Nullable Socket socket) throws UncheckedIOException {
    try {
      if (socket != null) {
        socket.close();
      }
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }
}
