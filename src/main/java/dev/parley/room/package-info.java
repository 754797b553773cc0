/**
 * What a room is on this instance: its home lane with epoch and next offset, its members on their
 * lanes, joining and catching up, gap and refill, presence and typing notices. {@link
 * dev.parley.room.Rooms} asks {@code access} for every join, publish and read: no way in goes
 * around it. {@code RoomFactory} shows how the parts of a room hang together: {@code RoomFeed}
 * turns what the broker says into {@code RoomEvent}s, {@code MembersByLane} takes them to the
 * lanes, and {@code Room} knows who has joined. May use {@code access}, {@code broker}, {@code
 * delivery} and {@code protocol}.
 */
@NullMarked
package dev.parley.room;

import org.jspecify.annotations.NullMarked;
