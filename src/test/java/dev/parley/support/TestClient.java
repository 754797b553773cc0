package dev.parley.support;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A WebSocket client over a plain socket that sends exactly what it is told, broken frames too, and
 * keeps what it received in the order it came. A thread of its own reads; every waiting ends after
 * {@link #PATIENCE}.
 */
public final class TestClient implements AutoCloseable {
  public static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final int FINAL = 0x80;
  private static final byte[] MASK = {0x12, 0x34, 0x56, 0x78};

  /** How the stream ended. */
  public enum End {
    END_OF_STREAM,
    RESET
  }

  private final Socket socket;
  private final OutputStream out;
  private final RawHttp.Answer answer;
  private final boolean answersPings;
  private final boolean answersCloses;
  private final @Nullable Consumer<Received> listener;
  private final Runnable over;
  private final CountDownLatch mayRead;

  /** Guarded by {@code this}, as is all that follows. */
  private final List<Received> received = new ArrayList<>();

  private int next;
  private @Nullable Received close;
  private @Nullable End end;

  TestClient(
      Socket socket,
      InputStream in,
      RawHttp.Answer answer,
      boolean reading,
      boolean answersPings,
      boolean answersCloses,
      @Nullable Consumer<Received> listener,
      Runnable over)
      throws IOException {
    this.socket = socket;
    this.out = socket.getOutputStream();
    this.answer = answer;
    this.answersPings = answersPings;
    this.answersCloses = answersCloses;
    this.listener = listener;
    this.over = over;
    this.mayRead = new CountDownLatch(1);
    if (reading) {
      mayRead.countDown();
    }
    Thread.ofVirtual().start(() -> readAll(new DataInputStream(in)));
  }

  // Sending.

  public TestClient send(String text) {
    return frame(FINAL | Received.TEXT, text.getBytes(StandardCharsets.UTF_8));
  }

  public TestClient send(byte[] binary) {
    return frame(FINAL | Received.BINARY, binary);
  }

  /** A masked frame with this first byte. */
  public TestClient frame(int first, byte[] payload) {
    return raw(masked(first, payload));
  }

  public TestClient raw(byte[] bytes) {
    try {
      synchronized (out) {
        out.write(bytes);
        out.flush();
      }
      return this;
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  /** Sends the same again and again, until the server has had enough of it. */
  public void rawUntilClosed(byte[] bytes, int times) {
    try {
      for (int i = 0; i < times; i++) {
        out.write(bytes);
      }
    } catch (IOException closed) {
      // What the server thinks of it is in its close frame, or in the reset.
      return;
    }
  }

  public static byte[] masked(int first, byte[] payload) {
    ByteArrayOutputStream frame = new ByteArrayOutputStream(payload.length + 14);
    frame.write(first);
    frame.writeBytes(length(0x80, payload.length));
    frame.writeBytes(MASK);
    byte[] body = payload.clone();
    for (int i = 0; i < body.length; i++) {
      body[i] ^= MASK[i & 3];
    }
    frame.writeBytes(body);
    return frame.toByteArray();
  }

  /** The length as a header has it, or claims it. */
  public static byte[] length(int maskBit, long length) {
    if (length <= 125) {
      return new byte[] {(byte) (maskBit | length)};
    }
    return length <= 0xFFFF
        ? ByteBuffer.allocate(3).put((byte) (maskBit | 126)).putShort((short) length).array()
        : ByteBuffer.allocate(9).put((byte) (maskBit | 127)).putLong(length).array();
  }

  public TestClient sendClose(int code) {
    return frame(FINAL | Received.CLOSE, ByteBuffer.allocate(2).putShort((short) code).array());
  }

  /** Sends the end of the stream and goes on reading. */
  public void halfClose() {
    try {
      socket.shutdownOutput();
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  /** Ends without a close frame. */
  public void disconnect() {
    try {
      socket.close();
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  /** Ends without a word, as a crash does. */
  public void drop() {
    try {
      socket.setSoLinger(true, 0);
      socket.close();
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  // The protocol's frames.

  /** Joins and is in, and has heard so, when this returns. */
  public JsonNode join(String room) {
    send("{\"type\":\"join\",\"room\":\"" + room + "\"}");
    return next("joined", room);
  }

  public JsonNode join(String room, String epoch, long offset) {
    send(
        """
        {"type":"join","room":"%s","since":{"epoch":"%s","offset":%d}}\
        """
            .formatted(room, epoch, offset));
    return next("joined", room);
  }

  public void publish(String room, String content) {
    send(
        """
        {"type":"message","room":"%s","content":"%s"}\
        """
            .formatted(room, content));
  }

  /** Publishes and returns the ack. */
  public JsonNode publishAcked(String room, String content) {
    String ref = "ref-" + content.hashCode();
    send(
        """
        {"type":"message","room":"%s","ref":"%s","content":"%s"}\
        """
            .formatted(room, ref, content));
    return nextJson(frame -> is(frame, "ack", room) && frame.path("ref").asString("").equals(ref));
  }

  // Receiving.

  public RawHttp.Answer answer() {
    return answer;
  }

  /** The next message, whatever it is. */
  public Received next() {
    return next(frame -> true);
  }

  /** The next message for which this holds; those before it are passed over for good. */
  public Received next(Predicate<Received> wanted) {
    long until = System.nanoTime() + PATIENCE.toNanos();
    synchronized (this) {
      while (true) {
        while (next < received.size()) {
          Received frame = received.get(next++);
          if (wanted.test(frame)) {
            return frame;
          }
        }
        assertThat(end).as("the connection ended after %s", lately()).isNull();
        await(until);
      }
    }
  }

  public JsonNode nextJson(Predicate<JsonNode> wanted) {
    return next(frame -> frame.opcode() == Received.TEXT && wanted.test(frame.json())).json();
  }

  public JsonNode next(String type) {
    return nextJson(frame -> frame.path("type").asString("").equals(type));
  }

  public JsonNode next(String type, String room) {
    return nextJson(frame -> is(frame, type, room));
  }

  private static boolean is(JsonNode frame, String type, String room) {
    return frame.path("type").asString("").equals(type)
        && frame.path("room").asString("").equals(room);
  }

  /** The types of what follows, up to the answer to a ping that is sent now. */
  public List<String> typesUntilPong() {
    return untilPong().stream().map(Received::type).toList();
  }

  /** What follows, up to the answer to a ping that is sent now; the pong is left out. */
  public List<Received> untilPong() {
    String mark = "mark-" + System.nanoTime();
    send("{\"type\":\"ping\",\"ref\":\"" + mark + "\"}");
    List<Received> before = new ArrayList<>();
    next(frame -> {
      if (frame.type().equals("pong") && frame.json().path("ref").asString("").equals(mark)) {
        return true;
      }
      before.add(frame);
      return false;
    });
    return before;
  }

  /** All messages of this type so far, those passed over too. */
  public synchronized List<JsonNode> all(String type) {
    return received.stream().filter(f -> f.type().equals(type)).map(Received::json).toList();
  }

  public synchronized List<Received> received() {
    return List.copyOf(received);
  }

  public synchronized int count() {
    return received.size();
  }

  /** Waits until this many messages have come. */
  public void awaitCount(int count) {
    long until = System.nanoTime() + PATIENCE.toNanos();
    synchronized (this) {
      while (received.size() < count) {
        assertThat(end).as("the connection ended after %s", lately()).isNull();
        await(until);
      }
    }
  }

  /** The server's close frame, once it is there. */
  public Received awaitClose() {
    long until = System.nanoTime() + PATIENCE.toNanos();
    synchronized (this) {
      while (close == null) {
        assertThat(end).as("the connection ended without a close, after %s", lately()).isNull();
        await(until);
      }
      return close;
    }
  }

  public int awaitCloseCode() {
    return awaitClose().closeCode();
  }

  /** How the server ended the stream, once it has. */
  public End awaitEnd() {
    long until = System.nanoTime() + PATIENCE.toNanos();
    synchronized (this) {
      while (end == null) {
        await(until);
      }
      return end;
    }
  }

  /** Whether the server has sent a close frame. */
  public synchronized boolean isClosed() {
    return close != null;
  }

  public synchronized boolean isOpen() {
    return end == null && close == null;
  }

  /** Begins to read, where {@link Handshake#notReading} put it off. */
  public void read() {
    mayRead.countDown();
  }

  @SuppressWarnings("WaitNotInLoop") // every caller loops
  private void await(long until) {
    long left = TimeUnit.NANOSECONDS.toMillis(until - System.nanoTime());
    assertThat(left).as("nothing came any more after %s", lately()).isPositive();
    try {
      wait(left);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(interrupted);
    }
  }

  private synchronized List<Received> lately() {
    return List.copyOf(received.subList(Math.max(0, received.size() - 5), received.size()));
  }

  private void readAll(DataInputStream in) {
    End how = End.RESET;
    try {
      mayRead.await();
      ByteArrayOutputStream partial = new ByteArrayOutputStream();
      int opcode = 0;
      for (int first = in.read(); first >= 0; first = in.read()) {
        int kind = first & 0xF;
        byte[] payload = payload(in);
        if (kind >= Received.CLOSE) {
          control(new Received(kind, payload));
          continue;
        }
        opcode = kind == 0 ? opcode : kind;
        if ((first & FINAL) != 0 && partial.size() == 0) {
          add(new Received(opcode, payload));
          continue;
        }
        partial.writeBytes(payload);
        if ((first & FINAL) != 0) {
          add(new Received(opcode, partial.toByteArray()));
          partial.reset();
        }
      }
      how = End.END_OF_STREAM;
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    } catch (IOException reset) {
      how = End.RESET;
    }
    synchronized (this) {
      end = how;
      notifyAll();
    }
    over.run();
  }

  private static byte[] payload(DataInputStream in) throws IOException {
    int second = in.readUnsignedByte();
    if ((second & 0x80) != 0) {
      throw new IOException("a server must not mask");
    }
    long length = second < 126 ? second : second == 126 ? in.readUnsignedShort() : in.readLong();
    byte[] payload = new byte[Math.toIntExact(length)];
    in.readFully(payload);
    return payload;
  }

  private void control(Received frame) throws IOException {
    if (frame.opcode() == Received.PING && answersPings) {
      synchronized (out) {
        out.write(masked(FINAL | Received.PONG, frame.payload()));
      }
    }
    if (frame.opcode() == Received.CLOSE) {
      synchronized (this) {
        close = frame;
        notifyAll();
      }
      if (answersCloses) {
        synchronized (out) {
          out.write(masked(FINAL | Received.CLOSE, frame.payload()));
        }
        socket.close();
      }
      return;
    }
    add(frame);
  }

  private void add(Received frame) {
    if (listener != null) {
      listener.accept(frame);
      return;
    }
    synchronized (this) {
      received.add(frame);
      notifyAll();
    }
  }

  /** Says good-bye, where that is still possible, and ends. */
  @Override
  public void close() {
    try (socket) {
      mayRead.countDown();
      if (isOpen()) {
        sendClose(1000);
      }
    } catch (IOException | UncheckedIOException gone) {
      // The server ended first.
      assertThat(socket.isClosed()).isTrue();
    }
  }
}
