package dev.parley.start;

import java.lang.annotation.Annotation;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.validation.BindValidationException;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.Ordered;
import org.springframework.core.convert.ConversionException;
import org.springframework.core.env.Environment;
import org.springframework.validation.FieldError;
import org.springframework.validation.ObjectError;

/**
 * A setting that has a value which it may not have: its name, the value, where that comes from, and
 * what is allowed. Boot's own analyses say it in the words of Java.
 */
final class SettingFailureAnalyzer extends AbstractFailureAnalyzer<BindException>
    implements Ordered {
  private static final Pattern NAME = Pattern.compile("parley(\\.[a-z][a-z-]*(\\[\\d+])?)+");
  private static final Pattern SECRET =
      Pattern.compile("secret|password|token(?!s)|credential|url");

  private final Environment environment;

  SettingFailureAnalyzer(Environment environment) {
    this.environment = environment;
  }

  /** Before Boot's. */
  @Override
  public int getOrder() {
    return HIGHEST_PRECEDENCE;
  }

  @Override
  protected @Nullable FailureAnalysis analyze(Throwable rootFailure, BindException cause) {
    String description = description(cause);
    return description == null
        ? null
        : new FailureAnalysis(
            description,
            "Give it a value that is allowed. application.yml in the jar has all settings.",
            cause);
  }

  private @Nullable String description(BindException failure) {
    BindValidationException invalid = find(failure, BindValidationException.class);
    if (invalid != null) {
      Set<String> sentences = new LinkedHashSet<>();
      for (ObjectError error : invalid.getValidationErrors()) {
        sentences.add(sentence(failure, error));
      }
      return String.join(System.lineSeparator(), sentences);
    }
    IllegalArgumentException ours = find(failure, IllegalArgumentException.class);
    if (ours != null && NAME.matcher(String.valueOf(ours.getMessage())).lookingAt()) {
      return withValues(String.valueOf(ours.getMessage()));
    }
    if (find(failure, ConversionException.class) == null || failure.getProperty() == null) {
      return null;
    }
    String allowed =
        AllowedValues.of(
            failure.getTarget().getType().resolve(Object.class),
            failure.getTarget().getAnnotations());
    return "%s: it must be %s."
        .formatted(set(failure.getName()), allowed != null ? allowed : reason(failure));
  }

  /** A constraint's message is of this service's own if it names a setting. */
  private String sentence(BindException failure, ObjectError error) {
    String message = String.valueOf(error.getDefaultMessage());
    if (NAME.matcher(message).lookingAt()) {
      return withValues(message);
    }
    String field = error instanceof FieldError of ? of.getField() : error.getObjectName();
    Annotation[] constraints = constraints(failure.getTarget().getType().resolve(), field);
    String range = AllowedValues.range(constraints);
    return "%s: it %s."
        .formatted(
            set(failure.getName().append(ConfigurationPropertyName.adapt(kebab(field), '.'))),
            range.isEmpty() ? message : "must be" + range);
  }

  private static Annotation[] constraints(@Nullable Class<?> type, String field) {
    if (type == null || !type.isRecord()) {
      return new Annotation[0];
    }
    return Arrays.stream(type.getRecordComponents())
        .filter(component -> component.getName().equals(field))
        .map(RecordComponent::getAccessor)
        .map(accessor -> accessor.getAnnotations())
        .findFirst()
        .orElse(new Annotation[0]);
  }

  private static String kebab(String field) {
    return field.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
  }

  /** What a type of ours, such as that of a pattern, says of the value. */
  private static String reason(BindException failure) {
    Throwable last = failure;
    while (last.getCause() != null) {
      last = last.getCause();
    }
    String message = last.getMessage();
    StackTraceElement[] trace = last.getStackTrace();
    return message != null && trace.length > 0 && trace[0].getClassName().startsWith("dev.parley.")
        ? "something else (" + message + ")"
        : "something else";
  }

  private String withValues(String sentence) {
    StringBuilder all = new StringBuilder(sentence).append('.');
    NAME.matcher(sentence)
        .results()
        .map(found -> ConfigurationPropertyName.of(found.group()))
        .distinct()
        .filter(name -> property(name) != null)
        .forEach(name -> all.append(System.lineSeparator()).append(set(name)).append('.'));
    return all.toString();
  }

  /** The setting with its value, unless that may be a secret, and its origin. */
  private String set(ConfigurationPropertyName name) {
    ConfigurationProperty property = property(name);
    if (property == null) {
      return name.toString();
    }
    String value =
        SECRET.matcher(name.toString()).find() ? "a value" : "'" + property.getValue() + "'";
    return "%s is %s (%s)".formatted(name, value, property.getOrigin());
  }

  private @Nullable ConfigurationProperty property(ConfigurationPropertyName name) {
    for (var source : ConfigurationPropertySources.get(environment)) {
      ConfigurationProperty property = source.getConfigurationProperty(name);
      if (property != null) {
        return property;
      }
    }
    return null;
  }

  private static <T extends Throwable> @Nullable T find(Throwable failure, Class<T> type) {
    T found = null;
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      // The innermost: those around it quote it.
      found = type.isInstance(cause) ? type.cast(cause) : found;
    }
    return found;
  }
}
