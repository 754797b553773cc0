package dev.parley.cluster;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.parley.support.Entrance;
import dev.parley.support.Machine;
import dev.parley.support.Requirement;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.awaitility.Awaitility;

/**
 * This machine's nginx with docker-compose.yml's template, on a free port of loopback, and with a
 * certificate made as there; its log is in {@code target/cluster}. Ended by {@link #close}, at the
 * latest with the JVM.
 */
final class Balancer implements AutoCloseable {
  private static final Path COMPOSE = Path.of("src/main/compose");
  private static final Pattern VARIABLE = Pattern.compile("\\$\\{(\\w+)}");

  private final int port;
  private final Path log;
  private final Process process;
  private final SSLContext tls;

  private Balancer(int port, Path log, Process process, SSLContext tls) {
    this.port = port;
    this.log = log;
    this.process = process;
    this.tls = tls;
    Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
  }

  /**
   * Starts one and waits until it listens.
   *
   * @param name of its files
   * @param servers ports of the instances
   * @param tryout the port of what has the demo page
   * @throws org.opentest4j.TestAbortedException where this machine has no nginx and none is
   *     required
   */
  static Balancer start(String name, List<Integer> servers, int tryout) {
    String nginx = nginx();
    try {
      Path folder = setUp(name);
      Path certificate = folder.resolve("certificate");
      int port = Machine.freePort();
      Map<String, String> values =
          Map.of(
              "PARLEY_SERVERS",
              servers.stream()
                  .map(server -> "server 127.0.0.1:" + server + " max_fails=0;")
                  .collect(Collectors.joining(" ")),
              "PARLEY_TRYOUT",
              "127.0.0.1:" + tryout,
              "PARLEY_LISTEN",
              "127.0.0.1:" + port,
              "PARLEY_CERTIFICATE",
              certificate.toString(),
              "PARLEY_RUN",
              folder.toString());
      Path configuration =
          Files.writeString(
              folder.resolve("nginx.conf"),
              VARIABLE
                  .matcher(Files.readString(COMPOSE.resolve("nginx/nginx.conf.template")))
                  .replaceAll(found -> Matcher.quoteReplacement(values.get(found.group(1)))));
      Path log = folder.resolve("log");
      Files.deleteIfExists(log);
      Process process =
          new ProcessBuilder(
                  nginx, "-c", configuration.toString(), "-e", "stderr", "-g", "daemon off;")
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
              .start();
      Balancer balancer =
          new Balancer(port, log, process, trusting(certificate.resolve("tls.crt")));
      balancer.awaitListening();
      return balancer;
    } catch (IOException | GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String nginx() {
    return Machine.program("nginx")
        .map(Path::toString)
        .orElseThrow(() -> Requirement.NGINX.missing("no nginx was found on this machine"));
  }

  /**
   * Makes a certificate and a secret, where they are not yet there, by the script that
   * docker-compose.yml runs first.
   *
   * @param name of the balancer that is to have them
   * @return the folder with their folders, {@code certificate} and {@code secret}
   */
  static Path setUp(String name) throws IOException {
    Path folder = Path.of("target/cluster", name).toAbsolutePath();
    Path certificate = Files.createDirectories(folder.resolve("certificate"));
    Path secret = Files.createDirectories(folder.resolve("secret"));
    Process setup =
        new ProcessBuilder(
                "sh",
                COMPOSE.resolve("setup/setup.sh").toString(),
                certificate.toString(),
                secret.toString())
            .inheritIO()
            .start();
    try {
      if (!setup.waitFor(60, TimeUnit.SECONDS) || setup.exitValue() != 0) {
        throw new IllegalStateException("setup.sh failed");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
    return folder;
  }

  private static SSLContext trusting(Path certificate)
      throws IOException, GeneralSecurityException {
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    try (InputStream in = Files.newInputStream(certificate)) {
      trusted.setCertificateEntry(
          "server", CertificateFactory.getInstance("X.509").generateCertificate(in));
    }
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(trusted);
    SSLContext tls = SSLContext.getInstance("TLS");
    tls.init(null, trust.getTrustManagers(), null);
    return tls;
  }

  private void awaitListening() {
    Awaitility.await("nginx listens")
        .atMost(Duration.ofSeconds(20))
        .pollInterval(Duration.ofMillis(20))
        .until(() -> {
          if (!process.isAlive()) {
            throw new IllegalStateException("nginx ended: " + log());
          }
          try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
          } catch (IOException notYet) {
            return false;
          }
        });
  }

  int port() {
    return port;
  }

  /** Trusts its certificate. */
  SSLContext tls() {
    return tls;
  }

  String log() {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The way in for clients whose route cookie is this. */
  Entrance door(String route) {
    return new Gate("Cookie: parley_route=" + route + "\r\n");
  }

  /** The way in for clients without a cookie. */
  Entrance door() {
    return new Gate("");
  }

  private final class Gate implements Entrance {
    private final String headers;

    Gate(String headers) {
      this.headers = headers;
    }

    @Override
    public int port() {
      return port;
    }

    @Override
    public Socket secure(Socket plain) throws IOException {
      return tls.getSocketFactory().createSocket(plain, "127.0.0.1", port, true);
    }

    @Override
    public String headers() {
      return headers;
    }

    @Override
    public String toString() {
      return "the balancer";
    }
  }

  /** The first line of the answer to what is sent over TLS, exactly as it stands. */
  String status(String request) throws IOException {
    try (Socket socket =
        tls.getSocketFactory()
            .createSocket(
                new Socket(InetAddress.getLoopbackAddress(), port), "localhost", port, true)) {
      socket.setSoTimeout(20_000);
      socket.getOutputStream().write(request.getBytes(US_ASCII));
      byte[] answer = socket.getInputStream().readNBytes(12);
      return new String(answer, US_ASCII);
    }
  }

  @Override
  public void close() {
    // Asked to, and not destroyed, the master takes its workers with it.
    process.destroy();
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
