package dev.parley.start;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.lang.annotation.Annotation;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.util.unit.DataSize;

/** What a setting may be, as application.yml spells it. */
final class AllowedValues {
  private static final Set<Class<?>> WHOLE_NUMBERS =
      Set.of(int.class, Integer.class, long.class, Long.class, short.class, Short.class);

  private AllowedValues() {}

  /** Null if the type does not tell. */
  static @Nullable String of(Class<?> type, Annotation[] constraints) {
    if (WHOLE_NUMBERS.contains(type)) {
      return "a whole number" + range(constraints);
    }
    if (type == boolean.class || type == Boolean.class) {
      return "true or false";
    }
    if (type == Duration.class) {
      return "a duration such as 500ms, 10s, 5m or 24h";
    }
    if (type == DataSize.class) {
      return "a size such as 500B, 64KB or 1MB";
    }
    if (type.isEnum()) {
      return Arrays.stream(type.getEnumConstants())
          .map(each -> ((Enum<?>) each).name().toLowerCase(Locale.ROOT).replace('_', '-'))
          .collect(Collectors.joining(", ", "one of ", ""));
    }
    return null;
  }

  /** As in {@code from 1 to 64}; empty without constraints. */
  static String range(Annotation[] constraints) {
    String least =
        bounds(constraints, Min.class)
            .map(Min::value)
            .map(" from %d"::formatted)
            .findAny()
            .orElse("");
    String most =
        bounds(constraints, Max.class)
            .map(Max::value)
            .map(" to %d"::formatted)
            .findAny()
            .orElse("");
    return !least.isEmpty() && most.isEmpty()
        ? least.replace(" from ", " of at least ")
        : least + most;
  }

  private static <A extends Annotation> Stream<A> bounds(Annotation[] constraints, Class<A> type) {
    return Arrays.stream(constraints).filter(type::isInstance).map(type::cast);
  }
}
