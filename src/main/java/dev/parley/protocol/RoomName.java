package dev.parley.protocol;

import org.jspecify.annotations.Nullable;

/**
 * A room's name: 1–128 characters of {@code A-Z a-z 0-9 . _ : ~ @ | + = -}. {@code @<user id>} is
 * the room of one user.
 */
public record RoomName(String value) {
  public static final int MAX_LENGTH = 128;

  /**
   * @throws IllegalArgumentException if {@link #isValid} is false
   */
  public RoomName {
    if (!isValid(value)) {
      throw new IllegalArgumentException(
          "not a room name: 1-128 characters of A-Z a-z 0-9 . _ : ~ @ | + = - are expected");
    }
  }

  public static boolean isValid(String value) {
    return NameCharacters.allIn(value, MAX_LENGTH);
  }

  /** The name, or null if it breaks the rule. */
  public static @Nullable RoomName parse(String value) {
    return isValid(value) ? new RoomName(value) : null;
  }

  /** The room that only this user joins and servers publish to. */
  public static RoomName of(UserId user) {
    return new RoomName("@" + user.value());
  }

  public boolean isPersonal() {
    return value.charAt(0) == '@';
  }

  public boolean belongsTo(UserId user) {
    return isPersonal()
        && value.length() == user.value().length() + 1
        && value.endsWith(user.value());
  }

  @Override
  public String toString() {
    return value;
  }
}
