package dev.parley.security;

import dev.parley.access.Identity;
import dev.parley.access.KeyedRateLimit;
import dev.parley.access.LimitsProperties;

/**
 * How many requests a second one user may make over REST on this instance, and how many one server.
 * Guests count by their address. A request that carries several messages counts once for each.
 * Thread-safe.
 */
public final class RequestRates {
  private final KeyedRateLimit users;
  private final KeyedRateLimit servers;
  private final HttpMetrics metrics;

  public RequestRates(LimitsProperties limits, HttpMetrics metrics) {
    this.users = KeyedRateLimit.requests(limits);
    this.servers = KeyedRateLimit.serversRequests(limits);
    this.metrics = metrics;
  }

  /** 0 if the request is allowed, and counted; else the whole seconds to wait, at least 1. */
  long tryAcquire(Identity identity, String address) {
    long wait = limit(identity).tryAcquire(key(identity, address));
    if (wait > 0) {
      metrics.rateLimited(1);
    }
    return wait;
  }

  /**
   * How many of so many messages are allowed, from the first on; these are counted.
   *
   * @param counted of them, with the request itself
   */
  public int tryAcquire(Identity identity, String address, int messages, int counted) {
    int granted =
        counted + limit(identity).tryAcquireUpTo(key(identity, address), messages - counted);
    metrics.rateLimited(messages - granted);
    return granted;
  }

  /** Counts so many requests besides, for what one that was allowed has cost. */
  public void charge(Identity identity, String address, int requests) {
    limit(identity).charge(key(identity, address), requests);
  }

  private KeyedRateLimit limit(Identity identity) {
    return identity.isServer() ? servers : users;
  }

  private static String key(Identity identity, String address) {
    return identity.guest() ? "guest " + address : identity.user().value();
  }
}
