package dev.parley.admin.cluster;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A message of the control bus: a line of four words, so that whoever it is not for knows without
 * parsing the rest, and a body in JSON.
 *
 * @param ask which survey this is, or answers; {@code -} if it is none
 * @param to the only instance that it is for, or {@link #EVERYBODY}
 */
record ControlMessage(Kind kind, String ask, InstanceName from, String to, byte[] body) {
  static final String EVERYBODY = "*";
  static final int MAX_BYTES = 1 << 20;

  private static final String NONE = "-";
  private static final int MAX_HEAD = 256;

  enum Kind {
    /** I am here. */
    HELLO,
    /** I shall not be here any more. */
    GONE,
    /** The body is a {@link Command}. */
    ASK,
    /** The body is its result. */
    ANSWER,
    /** It could not be done; no body. */
    FAILED
  }

  static ControlMessage hello(InstanceName from) {
    return new ControlMessage(Kind.HELLO, NONE, from, EVERYBODY, new byte[0]);
  }

  static ControlMessage gone(InstanceName from) {
    return new ControlMessage(Kind.GONE, NONE, from, EVERYBODY, new byte[0]);
  }

  /** The answer to this survey; without a body that it failed. */
  ControlMessage answer(InstanceName by, byte @Nullable [] result) {
    return result == null || result.length > MAX_BYTES - MAX_HEAD
        ? new ControlMessage(Kind.FAILED, ask, by, from.value(), new byte[0])
        : new ControlMessage(Kind.ANSWER, ask, by, from.value(), result);
  }

  boolean isFor(InstanceName instance) {
    return to.equals(EVERYBODY) || to.equals(instance.value());
  }

  byte[] encode() {
    byte[] head =
        (kind + " " + ask + " " + from + " " + to + "\n").getBytes(StandardCharsets.US_ASCII);
    byte[] message = Arrays.copyOf(head, head.length + body.length);
    System.arraycopy(body, 0, message, head.length, body.length);
    return message;
  }

  /** Null if it is none of ours: another version's, or nobody's. */
  static @Nullable ControlMessage decode(byte[] message) {
    int end = 0;
    while (end < Math.min(message.length, MAX_HEAD) && message[end] != '\n') {
      end++;
    }
    if (message.length > MAX_BYTES || end >= message.length || message[end] != '\n') {
      return null;
    }
    String[] words = new String(message, 0, end, StandardCharsets.US_ASCII).split(" ", -1);
    Kind kind = words.length == 4 ? kind(words[0]) : null;
    InstanceName from = kind == null ? null : InstanceName.parse(words[2]);
    return kind == null || from == null
        ? null
        : new ControlMessage(
            kind, words[1], from, words[3], Arrays.copyOfRange(message, end + 1, message.length));
  }

  private static @Nullable Kind kind(String word) {
    for (Kind kind : Kind.values()) {
      if (kind.name().equals(word)) {
        return kind;
      }
    }
    return null;
  }
}
