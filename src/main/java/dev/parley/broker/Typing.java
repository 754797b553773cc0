package dev.parley.broker;

import dev.parley.protocol.UserId;

/**
 * A user began or ceased to type.
 *
 * @param connection whose frame it was, unique within {@code incarnation}; it is not told
 */
public record Typing(
    long incarnation, long connection, UserId user, String username, boolean active) {}
