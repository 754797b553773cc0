package dev.parley.admin.cluster;

import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/** A connection's id in the cluster: {@code <instance>:<number>}. Ordered by instance, then age. */
public record ConnectionName(InstanceName instance, long number)
    implements Comparable<ConnectionName> {
  public static final String PATTERN = InstanceName.PATTERN + ":[1-9][0-9]{0,17}";

  private static final Comparator<ConnectionName> ORDER =
      Comparator.comparing(ConnectionName::instance).thenComparingLong(ConnectionName::number);

  public static @Nullable ConnectionName parse(String value) {
    return value.matches(PATTERN) ? ofValid(value) : null;
  }

  private static ConnectionName ofValid(String value) {
    int colon = value.lastIndexOf(':');
    return new ConnectionName(
        new InstanceName(value.substring(0, colon)), Long.parseLong(value.substring(colon + 1)));
  }

  @Override
  public int compareTo(ConnectionName other) {
    return ORDER.compare(this, other);
  }

  @Override
  public String toString() {
    return instance + ":" + number;
  }
}
