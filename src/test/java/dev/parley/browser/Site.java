package dev.parley.browser;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Where an article's reader opens a page from: the disk, or a web server that is not ours. */
final class Site implements AutoCloseable {
  private final Path directory;
  private final HttpServer server;
  private final Map<String, String> pages = new ConcurrentHashMap<>();

  /** The two places. */
  enum Place {
    FILE,
    FOREIGN_PORT
  }

  Site(Path directory) throws IOException {
    this.directory = directory;
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::answer);
    server.start();
  }

  /** Puts a page there and says under which URL. */
  String publish(Place place, String html) throws IOException {
    String name = "page" + pages.size() + ".html";
    pages.put("/" + name, html);
    return switch (place) {
      case FILE -> Files.writeString(directory.resolve(name), html).toUri().toString();
      case FOREIGN_PORT -> "http://127.0.0.1:" + server.getAddress().getPort() + "/" + name;
    };
  }

  /** A page around a script, as short as HTML allows. */
  static String around(String script) {
    return "<!DOCTYPE html>\n<meta charset=\"UTF-8\">\n<title>Sample</title>\n<script>\n"
        + script
        + "</script>\n";
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      String page = pages.get(exchange.getRequestURI().getPath());
      if (page == null) {
        exchange.sendResponseHeaders(204, -1);
        return;
      }
      byte[] bytes = page.getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("Content-Type", "text/html; charset=utf-8");
      exchange.sendResponseHeaders(200, bytes.length);
      exchange.getResponseBody().write(bytes);
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
