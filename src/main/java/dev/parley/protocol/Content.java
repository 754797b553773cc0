package dev.parley.protocol;

/**
 * What a message or signal says.
 *
 * @param bytes for {@link Form#JSON} one valid JSON value in UTF-8 without whitespace outside
 *     strings, for {@link Form#BINARY} any bytes; never changed after construction
 */
public record Content(Form form, byte[] bytes) {

  /** How content is written: as a JSON value in a text frame, or as bytes in a binary frame. */
  public enum Form {
    JSON,
    BINARY
  }

  /**
   * A text as a JSON string.
   *
   * @param utf8 valid UTF-8
   */
  public static Content ofText(byte[] utf8, int offset, int length) {
    return new Content(
        Form.JSON, new JsonBuffer(length + 16).quoted(utf8, offset, length).toBytes());
  }
}
