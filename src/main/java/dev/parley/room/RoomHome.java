package dev.parley.room;

import dev.parley.broker.RoomChannel;
import dev.parley.delivery.Lane;
import dev.parley.protocol.RoomName;

/**
 * Where a room lives on this instance.
 *
 * @param lane the room's home lane
 * @param channel to the broker, used on the home lane only
 */
record RoomHome(RoomName name, Lane lane, RoomChannel channel) {}
