package dev.parley.protocol;

/**
 * The close codes that Parley sends (RFC 6455, section 7.4, and its own from 4000);
 * docs/PROTOCOL.md, "Close codes", has the same table. 4000–4499 invite the client to reconnect by
 * itself, 4500–4999 forbid it.
 */
public enum CloseCode {
  NORMAL(1000, "", "–"),
  GOING_AWAY(1001, "", "–"),
  PROTOCOL_ERROR(1002, "Protocol error", "no"),
  UNSUPPORTED_DATA(1003, "Unsupported data", "no"),
  INVALID_UTF8(1007, "Invalid UTF-8", "no"),
  UNAUTHORIZED(1008, "Unauthorized", "with a new token"),
  TOO_BIG(1009, "Message too big", "no"),
  INTERNAL_ERROR(1011, "Internal error", "yes, back off"),
  RESTART(1012, "Restarting", "yes, after the `reconnect` frame's `afterMs`"),
  OVERLOADED(1013, "Try again later", "yes, back off"),
  HEARTBEAT_MISSED(4000, "Heartbeat missed", "yes"),
  TOO_SLOW(4001, "Too slow", "yes, resume"),
  TOKEN_EXPIRED(4002, "Token expired", "yes, with a new token"),
  FLOODING(4003, "Flooding", "yes, back off"),
  IDLE(4004, "Idle", "when needed"),
  DISCONNECTED(4500, "Disconnected by an operator", "no"),
  BANNED(4501, "Banned", "no"),
  REPLACED(4502, "Replaced by a newer connection", "no");

  private final int code;
  private final String reason;
  private final String reconnect;

  CloseCode(int code, String reason, String reconnect) {
    this.code = code;
    this.reason = reason;
    this.reconnect = reconnect;
  }

  public int code() {
    return code;
  }

  /** The close frame's reason, at most 123 bytes of ASCII (RFC 6455, section 5.5.1). */
  public String reason() {
    return reason;
  }

  /** Whether a client should come back, in the words of docs/PROTOCOL.md. */
  public String reconnect() {
    return reconnect;
  }
}
