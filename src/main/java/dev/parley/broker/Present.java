package dev.parley.broker;

import dev.parley.protocol.UserId;

/**
 * A user in a room.
 *
 * @param since when the user came, in Unix milliseconds by the clock of the instance that saw it
 * @param instances on how many the user has connections in the room, at least 1
 */
public record Present(UserId user, String username, long since, int instances) {}
