package dev.parley.protocol;

import java.util.Locale;

/**
 * Why a client frame was refused while the connection stays; docs/PROTOCOL.md, "Error codes", has
 * the same table.
 */
public enum ErrorCode {
  INVALID_JSON("Not a JSON object", "no"),
  INVALID_MESSAGE("Invalid message format", "no"),
  UNKNOWN_TYPE("Unknown type", "no"),
  INVALID_ROOM("Invalid room name", "no"),
  FORBIDDEN("Not allowed in this room", "no"),
  NOT_JOINED("Join the room first", "no"),
  ROOM_FULL("The room is full", "later"),
  TOO_MANY_ROOMS("Too many rooms", "later"),
  TOO_LARGE("Content too large for this room", "no"),
  RATE_LIMITED("Too many messages", "yes"),
  ID_CONFLICT("This id already names another message", "no"),
  HISTORY_UNAVAILABLE("This room keeps no history", "no"),
  TOKEN_INVALID("Invalid token", "no"),
  BROKER_UNAVAILABLE("Not accepted: the broker is unavailable", "yes"),
  UNCONFIRMED("The broker did not answer: the message may or may not be in the room", "with `id`"),
  INTERNAL("Internal error", "yes");

  private final String wireName = name().toLowerCase(Locale.ROOT);
  private final String text;
  private final String retry;

  ErrorCode(String text, String retry) {
    this.text = text;
    this.retry = retry;
  }

  /** The frame's {@code code}. */
  public String wireName() {
    return wireName;
  }

  /** The frame's {@code error}, for people. */
  public String text() {
    return text;
  }

  /** Whether sending again may help, in the words of docs/PROTOCOL.md. */
  public String retry() {
    return retry;
  }
}
