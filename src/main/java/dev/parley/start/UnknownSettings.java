package dev.parley.start;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.context.properties.source.IterableConfigurationPropertySource;
import org.springframework.boot.origin.Origin;
import org.springframework.core.env.Environment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/**
 * Fails the start if a name under {@code parley.} is no setting's: else a slip of the pen would
 * leave a default in force, and nobody would know. A variable of the environment is taken for a
 * setting if its section exists ({@code PARLEY_HISTORY_SISE}) or its name is nearly that of one
 * ({@code PARLEY_LANE}); others, such as {@code PARLEY_HOME}, are somebody else's.
 *
 * <p>Not Boot's {@code ignoreUnknownFields}: that knows one record at a time, not the sections that
 * there are, does not look at variables, and has no idea of similar names.
 */
final class UnknownSettings implements BeanFactoryPostProcessor {
  private static final ConfigurationPropertyName PARLEY = ConfigurationPropertyName.of("parley");

  /** Chosen before any record is bound. */
  private static final String BROKER = "parley.broker";

  private static final int SLIP = 2;

  /** What Kubernetes tells containers of a service that is called {@code parley…}. */
  private static final Pattern LINK =
      Pattern.compile(
          ".*\\.(service\\.host|service\\.port(\\..*)?|port(\\[\\d+])?(\\.?\\[?\\d*]?\\.(tcp|udp|sctp)(\\..*)?)?)");

  private final Environment environment;

  UnknownSettings(Environment environment) {
    this.environment = environment;
  }

  @Override
  public void postProcessBeanFactory(ConfigurableListableBeanFactory beans) {
    Set<Class<?>> records = new LinkedHashSet<>();
    for (String name : beans.getBeanNamesForAnnotation(ConfigurationProperties.class)) {
      Class<?> type = beans.getType(name, false);
      if (type != null && type.isRecord() && isOurs(type)) {
        records.add(type);
      }
    }
    check(new KnownSettings(records, Set.of(BROKER)));
  }

  private static boolean isOurs(Class<?> type) {
    ConfigurationProperties annotation = type.getAnnotation(ConfigurationProperties.class);
    return annotation != null
        && (annotation.value().equals("parley") || annotation.value().startsWith("parley."));
  }

  /**
   * @throws SettingException if there is one
   */
  void check(KnownSettings known) {
    List<String> unknown = new ArrayList<>();
    for (ConfigurationPropertySource source : ConfigurationPropertySources.get(environment)) {
      if (source instanceof IterableConfigurationPropertySource names) {
        names.stream()
            .filter(PARLEY::isAncestorOf)
            .filter(name -> !known.has(name.toString()))
            .filter(name -> !isVariable(source) || isMeant(name.toString(), known))
            .map(name -> sentence(name, names.getConfigurationProperty(name), known))
            .filter(sentence -> !unknown.contains(sentence))
            .forEach(unknown::add);
      }
    }
    if (!unknown.isEmpty()) {
      throw new SettingException(
          String.join(System.lineSeparator(), unknown),
          "Correct the name, or take it out. application.yml in the jar has all settings.");
    }
  }

  private static boolean isVariable(ConfigurationPropertySource source) {
    return source.getUnderlyingSource() instanceof SystemEnvironmentPropertySource;
  }

  private static boolean isMeant(String name, KnownSettings known) {
    return !LINK.matcher(name).matches()
        && (known.hasSection(name) || known.distance(name) <= SLIP);
  }

  private static String sentence(
      ConfigurationPropertyName name, @Nullable ConfigurationProperty set, KnownSettings known) {
    Origin origin = set == null ? null : set.getOrigin();
    return "%s%s is no setting of Parley. The nearest is %s."
        .formatted(name, origin == null ? "" : " (" + origin + ")", known.nearest(name.toString()));
  }
}
