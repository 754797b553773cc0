package dev.parley.connection;

import dev.parley.access.MessageRateLimiter;
import dev.parley.budget.Budget;
import dev.parley.protocol.ClientFrames;
import dev.parley.room.Rooms;
import java.time.Duration;

/**
 * What all connections that speak frames have in common; one object for all of them.
 *
 * @param maxRooms that one connection may be in
 * @param messagesPerSecond what clients are told of the rate; 0 if it is not limited
 * @param memberships what being in rooms takes, of all connections
 * @param idle how long a connection may be in no room
 */
public record FrameSettings(
    Rooms rooms,
    ClientFrames decoder,
    MessageRateLimiter.Rate rate,
    int maxRooms,
    int messagesPerSecond,
    Budget memberships,
    Duration idle) {}
