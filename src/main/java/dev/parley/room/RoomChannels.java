package dev.parley.room;

import dev.parley.access.RoomHistory;
import dev.parley.access.RoomPolicies;
import dev.parley.broker.Broker;
import dev.parley.broker.Retention;
import dev.parley.broker.RoomChannel;
import dev.parley.delivery.Lane;
import dev.parley.protocol.RoomName;

/** The broker's channels to rooms, whose logs are kept as the policies say. */
record RoomChannels(Broker broker, RoomPolicies policies) {

  /**
   * @param home runs every callback, and calls the channel
   */
  RoomChannel open(RoomName room, Lane home) {
    RoomHistory history = policies.of(room).history();
    return broker.channel(
        room, new Retention(history.size(), history.retention(), history.bytes()), home);
  }
}
