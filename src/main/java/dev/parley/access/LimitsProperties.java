package dev.parley.access;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * {@code parley.limits}: how much one client may ask for.
 *
 * @param enabled false lifts the rates, of messages, requests, handshakes and new rooms, and the
 *     number of connections of a user; the number of rooms, and of connections of the instance,
 *     stays limited
 * @param messagesPerSecond sustained client frames a second on a connection, and REST requests a
 *     second of a user, 1–1,000,000; beyond them {@code rate_limited} or 429
 * @param burst how many of them may come at once, 1–1,000,000
 * @param serverRequestsPerSecond sustained REST requests a second of a token with one of the {@link
 *     Scope}s, in place of a user's, and new rooms a second that it has this instance open,
 *     1–1,000,000; beyond them 429
 * @param serverRequestBurst how many of them may come at once, 1–1,000,000
 * @param handshakesPerSecond sustained handshakes a second from one address, 1–1,000,000; beyond
 *     them 429
 * @param handshakeBurst how many of them may come at once, 1–1,000,000
 * @param roomsPerConnection rooms that a connection may be in at a time, at least 1; beyond them
 *     {@code too_many_rooms}
 * @param newRoomsPerSecond sustained rooms a second that one user (a guest: one address) has this
 *     instance open, since nobody here uses them, 1–1,000,000; beyond them {@code too_many_rooms}
 * @param newRoomBurst how many of them may come at once, 1–1,000,000
 * @param connectionsPerUser connections of one user at a time, guests by address, at least 1;
 *     beyond them handshakes are answered with 429
 * @param connections of this instance at a time, at least 1; null for as many as {@code
 *     parley.budget.connections} allows, which bounds them anyway; beyond them 503
 */
@Validated
@ConfigurationProperties("parley.limits")
public record LimitsProperties(
    @DefaultValue("true") boolean enabled,
    @DefaultValue("50") @Min(1) @Max(1_000_000) int messagesPerSecond,
    @DefaultValue("100") @Min(1) @Max(1_000_000) int burst,
    @DefaultValue("2000") @Min(1) @Max(1_000_000) int serverRequestsPerSecond,
    @DefaultValue("5000") @Min(1) @Max(1_000_000) int serverRequestBurst,
    @DefaultValue("20") @Min(1) @Max(1_000_000) int handshakesPerSecond,
    @DefaultValue("200") @Min(1) @Max(1_000_000) int handshakeBurst,
    @DefaultValue("100") @Min(1) int roomsPerConnection,
    @DefaultValue("20") @Min(1) @Max(1_000_000) int newRoomsPerSecond,
    @DefaultValue("500") @Min(1) @Max(1_000_000) int newRoomBurst,
    @DefaultValue("1000") @Min(1) int connectionsPerUser,
    @Nullable @Min(1) Integer connections) {}
