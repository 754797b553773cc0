package dev.parley.connection;

import dev.parley.protocol.RoomName;
import dev.parley.protocol.UserId;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A connection of this instance, as an operator sees it.
 *
 * @param id unique on this instance
 * @param transport {@code websocket}, {@code raw} or {@code echo}
 * @param address of the client, as far as proxies in between are believed; null if it is unknown
 * @param agent what the client calls itself, at most {@value Peer#LONGEST_AGENT} characters
 * @param rooms that it is in, in order of their names
 * @param messagesIn how many messages the client has sent
 * @param outboundBytes that wait for the client
 * @param roundTripMillis of the last ping that the client has answered; null until there was one
 * @param subprotocol null if it has none
 */
public record ConnectionView(
    long id,
    UserId user,
    String username,
    boolean guest,
    String transport,
    @Nullable String address,
    @Nullable String agent,
    Instant since,
    List<RoomName> rooms,
    long messagesIn,
    long outboundBytes,
    @Nullable Double roundTripMillis,
    @Nullable String subprotocol) {}
