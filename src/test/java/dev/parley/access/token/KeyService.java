package dev.parley.access.token;

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
import com.sun.net.httpserver.HttpServer;
import dev.parley.support.TestTokens;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/** An issuer: signs tokens with keys that can be exchanged, and serves them well or badly. */
final class KeyService implements AutoCloseable {
  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final AtomicInteger fetches = new AtomicInteger();
  private final CountDownLatch ended = new CountDownLatch(1);
  private volatile RSAKey key;
  private volatile boolean hung;

  KeyService() {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
    key = newKey("first");
    server.setExecutor(threads);
    server.createContext("/keys", this::keys);
    server.createContext("/realm/.well-known/openid-configuration", this::metadata);
    server.start();
  }

  String keysLocation() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/keys";
  }

  String issuer() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/realm";
  }

  /** How often the keys were asked for. */
  int fetches() {
    return fetches.get();
  }

  /** From now on tokens have another key, and no other is served. */
  void rotate(String id) {
    key = newKey(id);
  }

  /** Takes requests from now on and does not answer them. */
  void hang() {
    hung = true;
  }

  void recover() {
    hung = false;
  }

  String token(String user) {
    return token(user, key);
  }

  /** One that names the issuer. */
  String issuedToken(String user) {
    return token(TestTokens.claims(user, claims -> claims.issuer(issuer())), key);
  }

  static RSAKey newKey(String id) {
    try {
      return new RSAKeyGenerator(2048).keyID(id).generate();
    } catch (JOSEException e) {
      throw new IllegalStateException(e);
    }
  }

  static String token(String user, RSAKey key) {
    return token(TestTokens.claims(user, claims -> {}), key);
  }

  static String token(JWTClaimsSet claims, RSAKey key) {
    try {
      SignedJWT token =
          new SignedJWT(
              new JWSHeader.Builder(JWSAlgorithm.RS256).keyID(key.getKeyID()).build(), claims);
      token.sign(new RSASSASigner(key));
      return token.serialize();
    } catch (JOSEException e) {
      throw new IllegalStateException(e);
    }
  }

  private void keys(HttpExchange exchange) throws IOException {
    fetches.incrementAndGet();
    if (hung) {
      try {
        ended.await();
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
      }
    }
    answer(exchange, new JWKSet(key.toPublicJWK()).toString());
  }

  private void metadata(HttpExchange exchange) throws IOException {
    answer(exchange, "{\"issuer\":\"%s\",\"jwks_uri\":\"%s\"}".formatted(issuer(), keysLocation()));
  }

  private static void answer(HttpExchange exchange, String json) throws IOException {
    byte[] body = json.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(200, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  @Override
  public void close() {
    ended.countDown();
    server.stop(0);
    threads.shutdownNow();
  }
}
