package dev.parley.helm;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a manifest says that its type does not have. The types keep such fields aside instead of
 * refusing them, as the cluster would drop them: a misspelt probe is no probe.
 */
final class UnknownFields {
  private static final String ASIDE = "additionalProperties";

  private final List<String> found = new ArrayList<>();

  private UnknownFields() {}

  /** Their paths. */
  static List<String> of(Object manifest) {
    UnknownFields fields = new UnknownFields();
    fields.walk(manifest.getClass().getSimpleName(), manifest);
    return fields.found;
  }

  private void walk(String path, @Nullable Object value) {
    switch (value) {
      case null -> {}
      // Has no type to compare with.
      case GenericKubernetesResource custom -> {}
      case Map<?, ?> map -> map.forEach((key, entry) -> walk(path + "." + key, entry));
      case Collection<?> list -> list.forEach(element -> walk(path + "[]", element));
      default -> {
        if (value.getClass().getName().startsWith("io.fabric8.")) {
          fields(path, value);
        }
      }
    }
  }

  private void fields(String path, Object object) {
    for (Class<?> type = object.getClass(); type != null; type = type.getSuperclass()) {
      for (Field field : type.getDeclaredFields()) {
        if (Modifier.isStatic(field.getModifiers()) || type.isEnum()) {
          continue;
        }
        Object value = read(field, object);
        if (field.getName().equals(ASIDE) && value instanceof Map<?, ?> aside) {
          aside.keySet().forEach(key -> found.add(path + "." + key));
        } else {
          walk(path + "." + field.getName(), value);
        }
      }
    }
  }

  private static @Nullable Object read(Field field, Object object) {
    if (!field.getDeclaringClass().getName().startsWith("io.fabric8.")) {
      return null;
    }
    try {
      field.setAccessible(true);
      return field.get(object);
    } catch (IllegalAccessException e) {
      throw new AssertionError(e);
    }
  }
}
