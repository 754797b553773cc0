package dev.parley.room;

/** Which of a room's events a participant is sent, and how they are written. */
public enum ProtocolMode {
  /** Subprotocol {@code parley.v1}: everything, binary messages in binary frames. */
  FULL,
  /** No subprotocol: messages in JSON, users joining and leaving. */
  PLAIN,
  /** {@code /raw}: the messages' content alone. */
  RAW
}
