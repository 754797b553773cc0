package dev.parley.attack;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.support.ParleyProcess;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A page of another site whose name was made to lead to this machine (DNS rebinding): for the
 * browser it and the service are one origin, and its name is in {@code Host}.
 */
@Tag("attack")
@Timeout(90)
class HostAttackIT {
  private static ParleyProcess instance;

  @BeforeAll
  static void start() {
    instance = ParleyProcess.contained("attack-host", "--spring.profiles.active=dev").awaitReady();
  }

  @AfterAll
  static void stop() {
    instance.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"rebound.example", "127.0.0.1.example", "localhost.example"})
  void pageOfAnotherNameGetsNoTokenAndNoConnection(String host) throws Exception {
    String own = host + ":" + instance.port();
    assertThat(answer("GET /dev/token?user=a&scope=parley.admin HTTP/1.1\r\nHost: " + own))
        .startsWith("HTTP/1.1 4")
        .doesNotContain("\"token\"");
    assertThat(
            answer(
                """
                GET /ws HTTP/1.1\r
                Host: %s\r
                Origin: http://%s\r
                Upgrade: websocket\r
                Connection: Upgrade\r
                Sec-WebSocket-Version: 13\r
                Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\
                """
                    .formatted(own, own)))
        .startsWith("HTTP/1.1 4");
  }

  @ParameterizedTest
  @ValueSource(strings = {"localhost", "127.0.0.1", "[::1]"})
  void pageOfThisMachineIsServed(String host) throws Exception {
    String own = host + ":" + instance.port();
    assertThat(answer("GET /dev/token?user=a HTTP/1.1\r\nHost: " + own)).startsWith("HTTP/1.1 200");
  }

  private static String answer(String head) throws IOException {
    try (Socket socket = Hostile.open(instance, 2)) {
      socket.setSoTimeout((int) Duration.ofSeconds(10).toMillis());
      socket.getOutputStream().write((head + "\r\n\r\n").getBytes(US_ASCII));
      return new String(socket.getInputStream().readNBytes(150), US_ASCII);
    }
  }
}
