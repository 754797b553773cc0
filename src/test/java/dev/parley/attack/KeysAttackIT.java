package dev.parley.attack;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpExchange;
import dev.parley.cluster.StandIn;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tokens that name keys which the issuer does not have. */
@Tag("attack")
@Timeout(90)
class KeysAttackIT {
  private static final AtomicInteger fetches = new AtomicInteger();
  private static final CountDownLatch end = new CountDownLatch(1);
  private static final AtomicInteger addresses = new AtomicInteger();
  private static volatile boolean slow;
  private static RSAKey key;
  private static StandIn issuer;
  private static Siege siege;

  @BeforeAll
  static void start() throws Exception {
    key = new RSAKeyGenerator(2_048).keyID("known").generate();
    issuer = StandIn.answering(KeysAttackIT::keys);
    siege =
        Siege.ofOne(
                "attack-keys",
                "--spring.security.oauth2.resourceserver.jwt.jwk-set-uri=http://127.0.0.1:"
                    + issuer.port())
            .withTokens(user -> token(user, "known"));
  }

  @AfterAll
  static void stop() {
    end.countDown();
    siege.close();
    issuer.close();
  }

  private static void keys(HttpExchange exchange) throws IOException {
    fetches.incrementAndGet();
    try (exchange) {
      if (slow) {
        end.await(60, TimeUnit.SECONDS);
      }
      byte[] body = new JWKSet(key.toPublicJWK()).toString().getBytes(US_ASCII);
      exchange.sendResponseHeaders(200, body.length);
      exchange.getResponseBody().write(body);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static String token(String user, String kid) {
    try {
      SignedJWT token =
          new SignedJWT(
              new JWSHeader.Builder(JWSAlgorithm.RS256).keyID(kid).build(),
              new JWTClaimsSet.Builder()
                  .subject(user)
                  .expirationTime(Date.from(Instant.now().plusSeconds(3_600)))
                  .build());
      token.sign(new RSASSASigner(key));
      return token.serialize();
    } catch (JOSEException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void unknownKeysAreLookedUpSeldom() throws Exception {
    List<String> unknown = tokens("unknown", 50);
    siege.withstands(
        "unknown-keys",
        () -> {
          fetches.set(0);
          List<Socket> waiting = new ArrayList<>();
          for (String token : unknown) {
            waiting.add(request("/ws", token));
          }
          for (Socket socket : waiting) {
            try (socket) {
              assertThat(new String(socket.getInputStream().readNBytes(12), US_ASCII))
                  .isIn("HTTP/1.1 401", "HTTP/1.1 429", "HTTP/1.1 503");
            }
          }
          assertThat(fetches.get()).isLessThan(5);
        });
  }

  @Test
  void unknownKeysOfASlowIssuerKeepNobodyOut() throws Exception {
    List<String> unknown = tokens("slow", 440);
    List<String> known =
        IntStream.range(0, 5).mapToObj(i -> token("served-" + i, "known")).toList();
    siege.withstands(
        "slow-issuer",
        () -> {
          int before = siege.instance().log().length();
          slow = true;
          List<Socket> waiting = new ArrayList<>();
          for (String token : unknown) {
            boolean upgrade = waiting.size() % 2 == 0;
            waiting.add(request(upgrade ? "/ws" : "/api/v1/rooms/a/messages", token));
            if (waiting.size() % 20 == 0) {
              siege.last(Duration.ofMillis(100));
            }
          }
          for (String token : known) {
            long start = System.nanoTime();
            Hostile.connect(siege.instance(), 200, token).close();
            assertThat(Duration.ofNanos(System.nanoTime() - start))
                .isLessThan(Duration.ofSeconds(1));
          }
          siege.last(Duration.ofSeconds(1));
          assertThat(siege.instance().log().length() - before).as("bytes logged").isLessThan(5_000);
          for (Socket socket : waiting) {
            socket.close();
          }
        });
  }

  /** Tokens with a key of its own each. */
  private static List<String> tokens(String name, int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> token("mallory-" + name, name + "-" + i))
        .toList();
  }

  private static Socket request(String path, String token) throws IOException {
    Socket socket = Hostile.open(siege.instance(), 2 + addresses.getAndIncrement() / 50);
    String request =
        """
        GET %s HTTP/1.1\r
        Host: 127.0.0.1\r
        Upgrade: websocket\r
        Connection: Upgrade\r
        Sec-WebSocket-Version: 13\r
        Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r
        Authorization: Bearer %s\r
        \r
        """
            .formatted(path, token);
    socket.getOutputStream().write(request.getBytes(US_ASCII));
    return socket;
  }
}
