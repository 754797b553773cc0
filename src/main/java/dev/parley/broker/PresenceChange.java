package dev.parley.broker;

import dev.parley.protocol.UserId;

/**
 * A user's first connection entered the room, or its last left.
 *
 * @param members distinct users after the change
 * @param version numbers the room's changes without holes
 * @param large as in {@link Head}: true above 1,000 users, and until there are fewer than 800
 */
public record PresenceChange(
    UserId user,
    String username,
    boolean joined,
    long timestamp,
    int members,
    long version,
    boolean large) {}
