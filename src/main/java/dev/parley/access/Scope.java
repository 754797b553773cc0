package dev.parley.access;

/**
 * A token's scope that is about the service as a whole and not about the rooms that its claim
 * {@code rooms} names; {@code RestAccess} says which requests each of them allows.
 */
public enum Scope {
  /** Everything that REST has. */
  ADMIN("parley.admin"),

  /** To look at rooms, users, instances and statistics, and to read every room's messages. */
  READ("parley.read"),

  /** To publish in every room, users' own ones too. */
  PUBLISH("parley.publish"),

  /** To delete messages, to put users into rooms and take them out, and to disconnect. */
  MODERATE("parley.moderate");

  private final String value;

  Scope(String value) {
    this.value = value;
  }

  /** As the token has it. */
  public String value() {
    return value;
  }

  /** As Spring Security names it. */
  public String authority() {
    return "SCOPE_" + value;
  }
}
