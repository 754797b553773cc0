package dev.parley;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.context.annotation.ClassPathScanningCandidateComponentProvider;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.io.ByteArrayResource;
import org.springframework.core.type.filter.AnnotationTypeFilter;

/**
 * application.yml names every setting, with the default that holds; docs/CONFIGURATION.md names no
 * others.
 */
class ConfigurationTests {
  /** Chosen before any bean is made, so no record has it. */
  private static final String BROKER = "parley.broker";

  /** What stands there is an example: the default is none, or depends on the machine. */
  private static final Set<String> EXAMPLES =
      Set.of(
          "parley.access.jwt-secret",
          "parley.lanes",
          "parley.limits.connections",
          "parley.outbound.total");

  @Test
  void theFileNamesEverySetting() throws Exception {
    Set<String> known = new TreeSet<>(Set.of(BROKER));
    for (Class<?> type : records()) {
      for (var component : type.getRecordComponents()) {
        known.add(prefix(type) + "." + kebab(component.getName()));
      }
    }
    assertThat(settings().keySet()).containsExactlyElementsOf(known);
  }

  @Test
  void theFileHasTheDefaultsThatHold() throws Exception {
    Map<String, Object> settings = new HashMap<>(settings());
    settings.keySet().removeAll(EXAMPLES);
    Binder written = new Binder(new MapConfigurationPropertySource(settings));
    Binder none = new Binder(new MapConfigurationPropertySource());
    for (Class<?> type : records()) {
      assertThat((Object) written.bindOrCreate(prefix(type), type))
          .isEqualTo(none.bindOrCreate(prefix(type), type));
    }
    assertThat(settings).containsEntry(BROKER, "embedded");
  }

  @Test
  void theDocumentNamesNoOtherSettings() throws Exception {
    Set<String> named = new TreeSet<>();
    Matcher row =
        Pattern.compile("(?m)^\\| `(parley\\.[a-z.-]+)` \\|")
            .matcher(Files.readString(Path.of("docs", "CONFIGURATION.md")));
    while (row.find()) {
      named.add(row.group(1));
    }
    assertThat(named).hasSizeGreaterThan(20).isSubsetOf(settings().keySet());
  }

  /** What application.yml says of {@code parley}, with the marks of comments off. */
  private static Map<String, Object> settings() throws IOException {
    String text = Files.readString(Path.of("src/main/resources/application.yml"));
    String uncommented = text.replaceAll("(?m)^( *)#(?=\\S)", "$1");
    var source =
        (EnumerablePropertySource<?>)
            new YamlPropertySourceLoader()
                .load(
                    "application.yml",
                    new ByteArrayResource(uncommented.getBytes(StandardCharsets.UTF_8)))
                .getFirst();
    Map<String, Object> settings = new TreeMap<>();
    for (String name : source.getPropertyNames()) {
      if (name.startsWith("parley.")) {
        settings.put(name, String.valueOf(source.getProperty(name)));
      }
    }
    return settings;
  }

  private static Set<Class<?>> records() throws ClassNotFoundException {
    var scanner = new ClassPathScanningCandidateComponentProvider(false);
    scanner.addIncludeFilter(new AnnotationTypeFilter(ConfigurationProperties.class));
    Set<Class<?>> records = new LinkedHashSet<>();
    for (BeanDefinition found : scanner.findCandidateComponents("dev.parley")) {
      records.add(Class.forName(found.getBeanClassName()));
    }
    assertThat(records).isNotEmpty().allMatch(Class::isRecord);
    return records;
  }

  private static String prefix(Class<?> type) {
    return type.getAnnotation(ConfigurationProperties.class).value();
  }

  private static String kebab(String name) {
    return name.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
  }
}
