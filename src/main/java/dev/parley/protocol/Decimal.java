package dev.parley.protocol;

/** Writes offsets as decimal digits without a string in between. */
final class Decimal {
  private Decimal() {}

  /**
   * @param value not negative
   */
  static int length(long value) {
    int digits = 1;
    for (long bound = 10; value >= bound; bound *= 10) {
      digits++;
      if (digits == 19) {
        break;
      }
    }
    return digits;
  }

  /**
   * @param length as {@link #length} gives it for this value
   * @return the index behind the last digit
   */
  static int write(long value, int length, byte[] to, int at) {
    long rest = value;
    for (int i = at + length - 1; i >= at; i--) {
      to[i] = (byte) ('0' + rest % 10);
      rest /= 10;
    }
    return at + length;
  }
}
