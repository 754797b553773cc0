package dev.parley.support;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Requests as they are written, malformed ones too; no client's own idea of HTTP in between. */
public final class RawHttp {
  public static final List<String> UPGRADE =
      List.of(
          "Upgrade: websocket",
          "Connection: Upgrade",
          "Sec-WebSocket-Version: 13",
          "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==");

  private final int port;
  private final String host;

  public RawHttp(int port) {
    this(port, "127.0.0.1:" + port);
  }

  private RawHttp(int port, String host) {
    this.port = port;
    this.host = host;
  }

  /** The same server by another name. */
  public RawHttp as(String name) {
    return new RawHttp(port, name);
  }

  /** A status, the head as it came, and the body, without its chunks. */
  public record Answer(int status, String head, String body) {

    public @Nullable String header(String name) {
      String prefix = name.toLowerCase(Locale.ROOT) + ":";
      return head.lines()
          .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(prefix))
          .map(line -> line.substring(prefix.length()).strip())
          .findFirst()
          .orElse(null);
    }
  }

  public Answer upgrade(String target, String... headers) {
    return send("GET", target, UPGRADE, headers);
  }

  public Answer get(String target, String... headers) {
    return send("GET", target, List.of(), headers);
  }

  public Answer send(String method, String target, List<String> more, String... headers) {
    return send(method, target, more, new byte[0], headers);
  }

  /** With a body, and its length. */
  public Answer send(
      String method, String target, List<String> more, byte[] body, String... headers) {
    StringBuilder request =
        new StringBuilder(method).append(' ').append(target).append(" HTTP/1.1\r\n");
    request.append("Host: ").append(host).append("\r\n");
    more.forEach(header -> request.append(header).append("\r\n"));
    for (String header : headers) {
      request.append(header).append("\r\n");
    }
    if (body.length > 0) {
      request.append("Content-Length: ").append(body.length).append("\r\n");
    }
    request.append("\r\n");
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(10_000);
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      bytes.writeBytes(request.toString().getBytes(StandardCharsets.UTF_8));
      bytes.writeBytes(body);
      socket.getOutputStream().write(bytes.toByteArray());
      return read(socket.getInputStream());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Answer read(InputStream in) throws IOException {
    Answer head = readHead(in);
    return new Answer(
        head.status(), head.head(), new String(body(head, in), StandardCharsets.UTF_8));
  }

  /** The answer without its body, which is not read. */
  static Answer readHead(InputStream in) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    while (!bytes.toString(StandardCharsets.ISO_8859_1).endsWith("\r\n\r\n")) {
      int next = in.read();
      if (next < 0) {
        throw new IOException("the connection ended within the head: " + bytes);
      }
      bytes.write(next);
    }
    String head = bytes.toString(StandardCharsets.ISO_8859_1);
    return new Answer(Integer.parseInt(head.substring(9, 12)), head, "");
  }

  private static byte[] body(Answer answer, InputStream in) throws IOException {
    String length = answer.header("Content-Length");
    if (length != null) {
      return in.readNBytes(Integer.parseInt(length));
    }
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    if ("chunked".equals(answer.header("Transfer-Encoding"))) {
      for (int size = chunk(in); size > 0; size = chunk(in)) {
        body.write(in.readNBytes(size));
        in.skipNBytes(2);
      }
    }
    return body.toByteArray();
  }

  private static int chunk(InputStream in) throws IOException {
    StringBuilder digits = new StringBuilder();
    for (int next = in.read(); next != '\n'; next = in.read()) {
      digits.append((char) next);
    }
    return Integer.parseInt(digits.toString().strip(), 16);
  }
}
