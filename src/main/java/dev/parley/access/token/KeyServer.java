package dev.parley.access.token;

import com.nimbusds.jose.jwk.JWKSet;
import dev.parley.readiness.NetworkFault;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Where an issuer publishes its keys (RFC 7517), found by its metadata if need be (OpenID Connect
 * Discovery, RFC 8414). Each request has two seconds from beginning to end, a server that sends a
 * byte now and then included, and an answer of 512 KiB at most. Blocks.
 */
final class KeyServer implements AutoCloseable {
  private static final Duration TIMEOUT = Duration.ofSeconds(2);
  private static final long MAX_BYTES = 512 * 1_024;

  private final HttpClient client =
      HttpClient.newBuilder()
          .connectTimeout(TIMEOUT)
          .followRedirects(HttpClient.Redirect.NORMAL)
          .build();

  /**
   * @throws IOException if they cannot be had
   */
  JWKSet keys(URI location) throws IOException {
    try {
      return JWKSet.parse(get(location));
    } catch (ParseException noKeys) {
      throw new IOException(shown(location) + " has no JWKS", noKeys);
    }
  }

  /**
   * @throws IOException if they cannot be had, or the metadata is another issuer's
   */
  JWKSet keysOfIssuer(String issuer) throws IOException {
    IOException failure = new IOException(shown(URI.create(issuer)) + " has no metadata");
    for (URI location : metadata(URI.create(issuer))) {
      JsonNode metadata;
      try {
        metadata = JsonMapper.shared().readTree(get(location));
      } catch (JacksonException noJson) {
        throw new IOException(shown(location) + " has no JSON", noJson);
      } catch (StatusException elsewhere) {
        failure = elsewhere;
        continue;
      }
      if (!issuer.equals(text(metadata, "issuer"))) {
        throw new IOException(shown(location) + " is the metadata of another issuer");
      }
      String keys = text(metadata, "jwks_uri");
      if (keys == null) {
        throw new IOException(shown(location) + " names no jwks_uri");
      }
      return keys(location.resolve(keys));
    }
    throw failure;
  }

  /** A location for people: a query, or what comes before the host, may hold a secret. */
  static String shown(URI location) {
    String port = location.getPort() < 0 ? "" : ":" + location.getPort();
    return location.getScheme() + "://" + location.getHost() + port + location.getRawPath();
  }

  private static String reason(Throwable failure) {
    NetworkFault fault = NetworkFault.of(failure);
    return fault == null
        ? Objects.requireNonNullElse(failure.getMessage(), "the connection fails")
        : fault.text();
  }

  private static List<URI> metadata(URI issuer) {
    String path = issuer.getPath().replaceFirst("/$", "");
    return List.of(
        issuer.resolve(path + "/.well-known/openid-configuration"),
        issuer.resolve("/.well-known/openid-configuration" + path),
        issuer.resolve("/.well-known/oauth-authorization-server" + path));
  }

  private static @Nullable String text(JsonNode metadata, String field) {
    JsonNode value = metadata.get(field);
    return value != null && value.isString() ? value.stringValue() : null;
  }

  private String get(URI location) throws IOException {
    CompletableFuture<HttpResponse<byte[]>> answer =
        client.sendAsync(
            HttpRequest.newBuilder(location).header("Accept", "application/json").build(),
            BodyHandlers.limiting(BodyHandlers.ofByteArray(), MAX_BYTES));
    try {
      HttpResponse<byte[]> response = answer.get(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
      if (response.statusCode() != 200) {
        throw new StatusException(shown(location) + " answers " + response.statusCode());
      }
      return new String(response.body(), StandardCharsets.UTF_8);
    } catch (TimeoutException slow) {
      answer.cancel(true);
      throw new IOException(shown(location) + " does not answer in time", slow);
    } catch (ExecutionException failed) {
      Throwable cause = Objects.requireNonNullElse(failed.getCause(), failed);
      throw new IOException(shown(location) + ": " + reason(cause), cause);
    } catch (InterruptedException interrupted) {
      answer.cancel(true);
      Thread.currentThread().interrupt();
      throw new IOException(interrupted);
    }
  }

  @Override
  public void close() {
    client.shutdownNow();
  }

  private static final class StatusException extends IOException {
    StatusException(String message) {
      super(message);
    }
  }
}
