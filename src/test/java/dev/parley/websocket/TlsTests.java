package dev.parley.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.support.Handshake;
import dev.parley.support.ParleyService;
import dev.parley.support.TestClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The same over TLS, with a certificate of our own. */
@Tag("service")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(120)
class TlsTests {
  private static final String PASSWORD = "changeit";

  private final String room = ParleyService.unique("tls");
  private ParleyService service;
  private SSLSocketFactory sockets;

  @BeforeAll
  void start(@TempDir Path folder) throws Exception {
    Path store = folder.resolve("server.p12");
    makeCertificate(store);
    sockets = trusting(store);
    service =
        ParleyService.start(
            "parley.limits.enabled=false",
            "parley.lanes=3",
            "parley.history.bytes=64MB",
            "spring.ssl.bundle.jks.server.keystore.location=file:" + store,
            "spring.ssl.bundle.jks.server.keystore.password=" + PASSWORD,
            "spring.ssl.bundle.jks.server.keystore.type=PKCS12",
            "server.ssl.bundle=server");
  }

  @AfterAll
  void stop() {
    service.close();
  }

  @Test
  void messagesOfAllSizesComeThrough() {
    try (TestClient client = connect("/echo").connect()) {
      for (int size : new int[] {0, 1, 125, 126, 16_384, 16_385, 65_535, 65_536}) {
        byte[] payload = new byte[size];
        new java.util.Random(size).nextBytes(payload);
        client.send(payload);
        assertThat(client.next().payload()).isEqualTo(payload);
      }
    }
  }

  @Test
  void closeCodesReachTheClient() {
    try (TestClient client = connect("/echo").connect()) {
      client.frame(0x82, new byte[70_000]);
      assertThat(client.awaitCloseCode()).isEqualTo(1009);
      assertThat(client.awaitEnd()).isEqualTo(TestClient.End.END_OF_STREAM);
    }
    try (TestClient client = connect("/ws").connect()) {
      client.sendClose(1000);
      assertThat(client.awaitCloseCode()).isEqualTo(1000);
      assertThat(client.awaitEnd()).isEqualTo(TestClient.End.END_OF_STREAM);
    }
  }

  @Test
  void largeMessagesAreReplayedToAReaderThatWaited() {
    String large = "x".repeat(60_000);
    try (TestClient ann = speaking().connect();
        TestClient ben = speaking().receiveBuffer(16_384).notReading().connect()) {
      String epoch = ann.join(room).path("epoch").asString();
      for (int i = 0; i < 400; i++) {
        ann.publishAcked(room, large);
      }
      ben.send(
          """
          {"type":"join","room":"%s","since":{"epoch":"%s","offset":0}}\
          """
              .formatted(room, epoch));
      ben.read();
      JsonNode joined = ben.next("joined");
      assertThat(joined.path("recovered").asBoolean()).isTrue();
      for (long offset = 1; offset <= 400; offset++) {
        assertThat(ben.next("message").path("offset").asLong()).isEqualTo(offset);
      }
      ann.publish(room, "live");
      assertThat(ben.next("message").path("content").asString()).isEqualTo("live");
    }
  }

  @Test
  void whoReadsNothingIsClosedAsTooSlow() {
    double before = service.count("parley.closes", "code", "4001");
    String own = room + "-slow";
    try (TestClient ann = speaking().connect();
        TestClient slow = speaking().receiveBuffer(8_192).notReading().connect()) {
      ann.join(own);
      ann.next("user-joined");
      slow.send("{\"type\":\"join\",\"room\":\"" + own + "\"}");
      ann.next("user-joined");
      int sent = 0;
      while (service.count("parley.closes", "code", "4001") == before) {
        ann.publishAcked(own, "m" + ++sent + "x".repeat(60_000));
      }
      slow.read();
      assertThat(slow.awaitCloseCode()).isEqualTo(4001);
    }
  }

  private Handshake connect(String target) {
    return service.handshake(target).over(sockets);
  }

  private Handshake speaking() {
    return connect("/ws").subprotocol("parley.v1");
  }

  private static void makeCertificate(Path store) throws IOException, InterruptedException {
    Path keytool = Path.of(System.getProperty("java.home"), "bin", "keytool");
    Process process =
        new ProcessBuilder(
                keytool.toString(),
                "-genkeypair",
                "-alias",
                "server",
                "-keyalg",
                "EC",
                "-dname",
                "CN=localhost",
                "-ext",
                "san=dns:localhost,ip:127.0.0.1",
                "-validity",
                "3",
                "-storetype",
                "PKCS12",
                "-keystore",
                store.toString(),
                "-storepass",
                PASSWORD)
            .inheritIO()
            .start();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isZero();
  }

  private static SSLSocketFactory trusting(Path store)
      throws IOException, GeneralSecurityException {
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (var in = Files.newInputStream(store)) {
      keys.load(in, PASSWORD.toCharArray());
    }
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    trusted.setCertificateEntry("server", keys.getCertificate("server"));
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(trusted);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    return context.getSocketFactory();
  }
}
