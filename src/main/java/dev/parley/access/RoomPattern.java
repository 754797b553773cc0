package dev.parley.access;

import dev.parley.protocol.RoomName;

/** A pattern of room names, in which {@code *} is any run of characters, the empty one too. */
public record RoomPattern(String value) {

  /**
   * @throws IllegalArgumentException if no room's name could ever match
   */
  public RoomPattern {
    if (!isValid(value)) {
      throw new IllegalArgumentException(
          "not a pattern of room names: 1-128 characters of a room name's, or *, are expected");
    }
  }

  public static boolean isValid(String value) {
    return RoomName.isValid(value.replace('*', 'x'));
  }

  public boolean matches(RoomName room) {
    return matches(room.value());
  }

  /** Whether it was written for users' own rooms; {@code *} alone was not. */
  boolean isPersonal() {
    return value.charAt(0) == '@';
  }

  /** Greedy match with one point to come back to: linear in practice, never exponential. */
  private boolean matches(String text) {
    int t = 0;
    int p = 0;
    int star = -1;
    int resume = 0;
    while (t < text.length()) {
      if (p < value.length() && value.charAt(p) == '*') {
        star = p++;
        resume = t;
      } else if (p < value.length() && value.charAt(p) == text.charAt(t)) {
        p++;
        t++;
      } else if (star >= 0) {
        p = star + 1;
        t = ++resume;
      } else {
        return false;
      }
    }
    while (p < value.length() && value.charAt(p) == '*') {
      p++;
    }
    return p == value.length();
  }
}
