package dev.parley.access;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * {@code parley.limits}: how much one client may ask for.
 *
 * @param enabled false lifts every limit below
 * @param messagesPerSecond sustained client frames a second on a connection, and REST requests a
 *     second of a user
 * @param burst how many of them may come at once
 * @param handshakesPerSecond sustained handshakes a second from one address
 * @param handshakeBurst how many of them may come at once
 * @param roomsPerConnection rooms that a connection may be in at a time
 */
@Validated
@ConfigurationProperties("parley.limits")
public record LimitsProperties(
    @DefaultValue("true") boolean enabled,
    @DefaultValue("50") @Min(1) @Max(1_000_000) int messagesPerSecond,
    @DefaultValue("100") @Min(1) @Max(1_000_000) int burst,
    @DefaultValue("20") @Min(1) @Max(1_000_000) int handshakesPerSecond,
    @DefaultValue("200") @Min(1) @Max(1_000_000) int handshakeBurst,
    @DefaultValue("100") @Min(1) int roomsPerConnection) {}
