package dev.parley.access.token;

/** The form in which a name from a token is shown to others. */
final class DisplayName {
  private static final int MAX_LENGTH = 64;

  private DisplayName() {}

  /**
   * The text without control characters, line separators and lone surrogates (which have no UTF-8),
   * trimmed and cut to 64 UTF-16 units between characters; empty if nothing is left.
   */
  static String of(String text) {
    StringBuilder name = new StringBuilder();
    text.codePoints().filter(DisplayName::isShown).forEach(name::appendCodePoint);
    String trimmed = name.toString().strip();
    if (trimmed.length() <= MAX_LENGTH) {
      return trimmed;
    }
    int end =
        Character.isHighSurrogate(trimmed.charAt(MAX_LENGTH - 1)) ? MAX_LENGTH - 1 : MAX_LENGTH;
    return trimmed.substring(0, end).strip();
  }

  private static boolean isShown(int codePoint) {
    return switch (Character.getType(codePoint)) {
      case Character.CONTROL,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.SURROGATE ->
          false;
      default -> true;
    };
  }
}
