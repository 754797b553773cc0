package dev.parley.protocol;

/** The alphabet of room names and user ids: no character of it needs escaping in JSON. */
final class NameCharacters {
  private static final boolean[] ALLOWED = new boolean[128];

  static {
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:~@|+=-"
        .chars()
        .forEach(c -> ALLOWED[c] = true);
  }

  private NameCharacters() {}

  static boolean allIn(String value, int maxLength) {
    int length = value.length();
    if (length == 0 || length > maxLength) {
      return false;
    }
    for (int i = 0; i < length; i++) {
      char c = value.charAt(i);
      if (c >= 128 || !ALLOWED[c]) {
        return false;
      }
    }
    return true;
  }
}
