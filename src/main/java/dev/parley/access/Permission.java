package dev.parley.access;

/** What one may do in a room; the claim {@code rooms} names them in lower case. */
public enum Permission {
  JOIN,
  PUBLISH,
  PRESENCE,
  HISTORY
}
