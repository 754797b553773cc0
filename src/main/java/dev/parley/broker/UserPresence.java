package dev.parley.broker;

/** Whether a user is in a room, on any instance. */
public enum UserPresence implements Outcome<UserPresence> {
  PRESENT,
  ABSENT;

  public static UserPresence of(boolean present) {
    return present ? PRESENT : ABSENT;
  }
}
