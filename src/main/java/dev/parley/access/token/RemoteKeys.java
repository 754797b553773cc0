package dev.parley.access.token;

import com.nimbusds.jose.KeySourceException;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSelector;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.proc.SecurityContext;
import dev.parley.readiness.Alarm;
import dev.parley.readiness.Precondition;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An issuer's keys, which are cached. They are fetched at the start, when the cache is old, and
 * when a token names a key that is not in it: on a thread of their own, one fetch at a time, and no
 * two begun within {@link #PAUSE}. Tokens with a known key never wait, and are verified even if the
 * issuer cannot be reached. Of the others, {@value #MAX_WAITERS} at a time wait for a fetch, and
 * not longer than {@link #PATIENCE}. Only a fetch that was begun after the token had arrived proves
 * that its key is not one of the issuer's; without such a fetch, the key may be a new one. A fetch
 * that failed is repeated, whether tokens arrive or not. Until one has succeeded, the instance is
 * not ready.
 *
 * <p>Nimbus' own {@code JWKSourceBuilder} is not used: it fetches on the caller's thread, lets
 * every caller with an unknown key wait for it, and its rate limit allows two fetches in a row.
 */
final class RemoteKeys implements JWKSource<SecurityContext>, Precondition, AutoCloseable {

  /** How long a token with an unknown key may wait for a fetch. */
  static final Duration PATIENCE = Duration.ofSeconds(2);

  /** From the beginning of a fetch to that of the next. */
  static final Duration PAUSE = Duration.ofSeconds(5);

  private static final Logger log = LoggerFactory.getLogger(RemoteKeys.class);
  private static final Duration MAX_AGE = Duration.ofMinutes(5);
  private static final int MAX_WAITERS = 64;

  private final String source;
  private final String setting;
  private final Fetch fetch;
  private final KeyServer server;
  private final Semaphore waiters = new Semaphore(MAX_WAITERS);
  private volatile @Nullable Fetched keys;
  private volatile long begunAt;
  private @Nullable CompletableFuture<Void> fetching;

  private final Alarm alarm = new Alarm(log);
  private volatile boolean closed;

  private enum Trouble {
    NO_KEYS,
    OLD_KEYS
  }

  /** Gets the keys; may block. */
  interface Fetch {
    JWKSet get() throws IOException;
  }

  /**
   * @param asked when the issuer was asked for them
   * @param askedNanos the same, by the clock of this process
   */
  private record Fetched(JWKSet keys, Instant asked, long askedNanos) {}

  /** The key of a token is not among those that were had; it may be among those of today. */
  static final class UnknownKeyException extends KeySourceException {
    private final transient Instant asked;

    private UnknownKeyException(Instant asked) {
      super("the key is not known, and may be a new one");
      this.asked = asked;
    }

    /** When the issuer was last asked for its keys, and answered. */
    Instant asked() {
      return asked;
    }
  }

  /**
   * @param source for people, as is the setting that names it
   * @param server closed with the keys
   */
  RemoteKeys(String source, String setting, Fetch fetch, KeyServer server) {
    this.source = source;
    this.setting = setting;
    this.fetch = fetch;
    this.server = server;
    this.begunAt = System.nanoTime() - PAUSE.toNanos();
    var _ = refresh();
  }

  @Override
  public List<JWK> get(JWKSelector selector, @Nullable SecurityContext context)
      throws KeySourceException {
    Fetched known = keys;
    if (known != null) {
      List<JWK> matching = selector.select(known.keys());
      if (!matching.isEmpty()) {
        if (System.nanoTime() - begunAt > MAX_AGE.toNanos()) {
          var _ = refresh();
        }
        return matching;
      }
    }
    long came = System.nanoTime();
    await(refresh());
    Fetched fresh = keys;
    if (fresh == null) {
      throw new KeySourceException("the keys have not been fetched yet");
    }
    List<JWK> matching = selector.select(fresh.keys());
    if (matching.isEmpty() && fresh.askedNanos() - came < 0) {
      throw new UnknownKeyException(fresh.asked());
    }
    return matching;
  }

  /** The fetch under way, begun now if the last is long enough ago; null if it is not. */
  private synchronized @Nullable CompletableFuture<Void> refresh() {
    if (fetching != null) {
      return fetching;
    }
    long now = System.nanoTime();
    if (now - begunAt < PAUSE.toNanos()) {
      return null;
    }
    begunAt = now;
    CompletableFuture<Void> begun = new CompletableFuture<>();
    fetching = begun;
    Thread.ofVirtual().name("parley-keys").start(() -> fetch(begun, Instant.now(), now));
    return begun;
  }

  private void fetch(CompletableFuture<Void> begun, Instant asked, long askedNanos) {
    try {
      keys = new Fetched(fetch.get(), asked, askedNanos);
      alarm.clear(this, "The keys for tokens can be fetched from " + source + " again");
    } catch (IOException | RuntimeException failure) {
      failed(failure);
    } finally {
      // Whatever happened: no other fetch is begun before.
      synchronized (this) {
        fetching = null;
      }
      begun.complete(null);
    }
  }

  private void failed(Exception failure) {
    if (closed) {
      return;
    }
    boolean none = keys == null;
    alarm.raise(
        this,
        new Alarm.Trouble(
            none ? Trouble.NO_KEYS : Trouble.OLD_KEYS,
            "The keys for tokens cannot be fetched from %s: %s. %s. Check %s, and the way there."
                .formatted(
                    source,
                    cause(failure),
                    none
                        ? "No token can be verified, so this instance takes no connections"
                        : "Tokens with known keys are still accepted",
                    setting)));
    CompletableFuture.delayedExecutor(PAUSE.toMillis(), TimeUnit.MILLISECONDS)
        .execute(() -> {
          if (!closed) {
            var _ = refresh();
          }
        });
  }

  /** Without the location again, if that is the one that is configured. */
  private String cause(Exception failure) {
    String text = String.valueOf(failure.getMessage());
    boolean repeats = text.startsWith(source + ":") || text.startsWith(source + " ");
    return repeats ? text.substring(source.length()).replaceFirst("^[: ]+", "") : text;
  }

  @Override
  public @Nullable String unmet() {
    if (keys != null) {
      return null;
    }
    List<String> known = alarm.sentences();
    return known.isEmpty()
        ? "The keys for tokens are being fetched from " + source + "."
        : known.getFirst();
  }

  private void await(@Nullable CompletableFuture<Void> begun) {
    if (begun == null || !waiters.tryAcquire()) {
      return;
    }
    try {
      begun.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException | ExecutionException goesOnWithWhatIsKnown) {
      log.debug("Waiting for the keys of {} timed out", source);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    } finally {
      waiters.release();
    }
  }

  @Override
  public void close() {
    closed = true;
    server.close();
  }
}
