package dev.parley.start;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.springframework.boot.context.properties.ConfigurationProperties;

/** The names of all settings, as docs and application.yml spell them. */
final class KnownSettings {

  /** By the letters of the name alone, which is all that a variable keeps of it. */
  private final Map<String, String> names = new TreeMap<>();

  /**
   * @param records of {@code @ConfigurationProperties}
   * @param others settings that no record has
   */
  KnownSettings(Collection<Class<?>> records, Collection<String> others) {
    others.forEach(this::add);
    for (Class<?> type : records) {
      addAll(type.getAnnotation(ConfigurationProperties.class).value(), type);
    }
  }

  private void addAll(String prefix, Class<?> type) {
    for (RecordComponent component : type.getRecordComponents()) {
      String name = prefix + "." + kebab(component.getName());
      if (component.getType().isRecord() && component.getType().getRecordComponents().length > 1) {
        addAll(name, component.getType());
      } else if (element(component.getGenericType()) instanceof Class<?> element
          && element.isRecord()
          && element.getRecordComponents().length > 1) {
        // An empty list has the name alone.
        add(name);
        addAll(name + "[0]", element);
      } else {
        add(name);
      }
    }
  }

  private void add(String name) {
    names.put(letters(name), name);
  }

  private static Type element(Type type) {
    return type instanceof ParameterizedType list ? list.getActualTypeArguments()[0] : type;
  }

  private static String kebab(String name) {
    return name.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
  }

  private static String letters(String name) {
    return name.toLowerCase(Locale.ROOT).replaceAll("\\[\\d+]|[^a-z0-9]", "");
  }

  /** Whether the name is a setting's, or that of a section of settings. */
  boolean has(String name) {
    return names.containsKey(letters(name))
        || names.values().stream().anyMatch(known -> known.startsWith(name + "."));
  }

  /** Whether settings begin with the first two parts of the name, as in {@code parley.history}. */
  boolean hasSection(String name) {
    String[] parts = name.split("\\.", 3);
    return parts.length == 3
        && names.values().stream()
            .anyMatch(known -> known.startsWith(parts[0] + "." + parts[1] + "."));
  }

  /** The setting that has the most similar name. */
  String nearest(String name) {
    return names.entrySet().stream()
        .min(Comparator.comparingInt(known -> distance(letters(name), known.getKey())))
        .orElseThrow()
        .getValue();
  }

  /** How many letters differ between the name and that of its {@link #nearest} setting. */
  int distance(String name) {
    return distance(letters(name), letters(nearest(name)));
  }

  /** Levenshtein's. */
  private static int distance(String a, String b) {
    int[] before = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      before[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int[] row = new int[b.length() + 1];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int replaced = before[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        row[j] = Math.min(replaced, 1 + Math.min(before[j], row[j - 1]));
      }
      before = row;
    }
    return before[b.length()];
  }
}
