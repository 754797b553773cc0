package dev.parley.start;

/** The service must not start: a setting cannot be meant. */
final class SettingException extends RuntimeException {
  private final String action;

  /**
   * @param message what is wrong; holds no secret
   * @param action what to do about it
   */
  SettingException(String message, String action) {
    super(message);
    this.action = action;
  }

  String action() {
    return action;
  }
}
