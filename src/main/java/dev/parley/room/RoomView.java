package dev.parley.room;

import dev.parley.protocol.Epoch;
import dev.parley.protocol.RoomName;

/**
 * A room that is open on this instance, as an operator sees it.
 *
 * @param connections in the room, on this instance
 * @param members distinct users in the room, on all instances, as far as is known here
 * @param offset of the newest message that members here were sent
 */
public record RoomView(RoomName name, int connections, int members, Epoch epoch, long offset) {}
