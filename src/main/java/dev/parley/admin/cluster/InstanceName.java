package dev.parley.admin.cluster;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * An instance's id, as {@link LocalInstance} makes it: its host, a hyphen and eight hexadecimal
 * digits.
 */
public record InstanceName(String value) implements Comparable<InstanceName> {
  public static final String PATTERN = "[a-z0-9.-]{1,63}-[0-9a-f]{8}";

  private static final Pattern FORM = Pattern.compile(PATTERN);

  /**
   * @throws IllegalArgumentException if it is not of that form
   */
  public InstanceName {
    if (!FORM.matcher(value).matches()) {
      throw new IllegalArgumentException("not an instance's id");
    }
  }

  /** Null if it is not of that form. */
  public static @Nullable InstanceName parse(String value) {
    return FORM.matcher(value).matches() ? new InstanceName(value) : null;
  }

  @Override
  public int compareTo(InstanceName other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
