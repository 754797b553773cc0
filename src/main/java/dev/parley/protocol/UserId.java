package dev.parley.protocol;

import org.jspecify.annotations.Nullable;

/** A user's id, the subject of its token: 1–127 characters of the alphabet of {@link RoomName}. */
public record UserId(String value) {
  public static final int MAX_LENGTH = 127;

  /**
   * @throws IllegalArgumentException if {@link #isValid} is false
   */
  public UserId {
    if (!isValid(value)) {
      throw new IllegalArgumentException(
          "not a user id: 1-127 characters of A-Z a-z 0-9 . _ : ~ @ | + = - are expected");
    }
  }

  public static boolean isValid(String value) {
    return NameCharacters.allIn(value, MAX_LENGTH);
  }

  /** The id, or null if it breaks the rule. */
  public static @Nullable UserId parse(String value) {
    return isValid(value) ? new UserId(value) : null;
  }

  @Override
  public String toString() {
    return value;
  }
}
