package dev.parley;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What {@code /actuator/prometheus} answered, as far as it is ours. */
record PrometheusPage(String text) {
  private static final Pattern TYPE = Pattern.compile("(?m)^# TYPE (parley_\\w+) (\\w+)");
  private static final Pattern SAMPLE = Pattern.compile("(?m)^(parley_\\w+)(?:\\{(.*)})? (\\S+)");
  private static final Pattern TAG = Pattern.compile("(\\w+)=\"([^\"]*)\"");

  /** Each metric's type; a timer's maximum belongs to it and is none of its own. */
  Map<String, String> types() {
    Map<String, String> types = new TreeMap<>();
    TYPE.matcher(text)
        .results()
        .filter(type -> !type.group(1).endsWith("_max"))
        .forEach(type -> types.put(type.group(1), type.group(2)));
    return types;
  }

  /** Each metric's tags with their values, {@code outcome=joined}; buckets are not told apart. */
  Map<String, Set<String>> tags() {
    Map<String, Set<String>> all = new TreeMap<>();
    SAMPLE
        .matcher(text)
        .results()
        .forEach(sample -> {
          String name = sample.group(1).replaceFirst("_(max|bucket|sum|count|created)$", "");
          Set<String> tags = all.computeIfAbsent(name, first -> new TreeSet<>());
          tag(sample.group(2))
              .results()
              .filter(tag -> !tag.group(1).equals("le"))
              .forEach(tag -> tags.add(tag.group(1) + "=" + tag.group(2)));
        });
    return all;
  }

  /** By name and, where there is a tag, its value: {@code parley_joins_total joined}. */
  Map<String, Double> values() {
    Map<String, Double> values = new HashMap<>();
    SAMPLE
        .matcher(text)
        .results()
        .forEach(sample -> {
          Matcher tag = tag(sample.group(2));
          String name = sample.group(1) + (tag.find() ? " " + tag.group(2) : "");
          values.put(name, Double.parseDouble(sample.group(3)));
        });
    return values;
  }

  private static Matcher tag(@Nullable String tags) {
    return TAG.matcher(tags == null ? "" : tags);
  }
}
