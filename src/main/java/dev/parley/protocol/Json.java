package dev.parley.protocol;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.util.JsonRecyclerPools;

/**
 * How Parley reads JSON: as RFC 8259 has it, nested at most {@value #MAX_DEPTH} deep, no limit on
 * sizes, since a frame's is bounded before.
 *
 * <p>From characters, not from bytes: Jackson's byte parser keeps the names it has seen, up to
 * 6,000 of any length, and refuses names whose hashes collide too often. Here clients choose the
 * names.
 */
final class Json {
  static final int MAX_DEPTH = 64;

  /** The longest integer of the protocol, 2^53 - 1 with a sign. */
  private static final int MAX_DIGITS = 17;

  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .disable(TokenStreamFactory.Feature.INTERN_PROPERTY_NAMES)
          .disable(TokenStreamFactory.Feature.CANONICALIZE_PROPERTY_NAMES)
          .recyclerPool(JsonRecyclerPools.threadLocalPool())
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(MAX_DEPTH)
                  .maxNameLength(Integer.MAX_VALUE)
                  .maxNumberLength(Integer.MAX_VALUE)
                  .maxStringLength(Integer.MAX_VALUE)
                  .build())
          .build();

  private Json() {}

  static JsonParser parser(String json) {
    return FACTORY.createParser(ObjectReadContext.empty(), json);
  }

  /** The current token as a string, which it must be. */
  static String string(JsonParser parser, String path) {
    if (parser.currentToken() != JsonToken.VALUE_STRING) {
      throw Malformed.field(path);
    }
    return parser.getString();
  }

  /** The current token as an integer, which it must be, without fraction or exponent. */
  static long integer(JsonParser parser, long min, long max, String path) {
    String digits =
        parser.currentToken() == JsonToken.VALUE_NUMBER_INT ? shortInteger(parser) : null;
    return inRange(digits, min, max, path);
  }

  /** The digits of the current integer; null if there are more than the protocol has use for. */
  static @Nullable String shortInteger(JsonParser parser) {
    return parser.getStringLength() > MAX_DIGITS ? null : parser.getString();
  }

  static long inRange(@Nullable String digits, long min, long max, String path) {
    long value = digits == null ? Long.MIN_VALUE : Long.parseLong(digits);
    if (value < min || value > max) {
      throw Malformed.field(path);
    }
    return value;
  }
}
