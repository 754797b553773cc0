package dev.parley;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** The project's docker-compose.yml. */
public final class ComposeFile {
  private final Map<String, Object> file = load(Path.of("docker-compose.yml"));

  Map<String, Map<String, Object>> services() {
    return map(file.get("services"));
  }

  Map<String, Object> service(String name) {
    return Objects.requireNonNull(services().get(name), name);
  }

  /** What one of its sections beside the services names. */
  Map<String, Map<String, Object>> section(String name) {
    return map(file.get(name));
  }

  /** A service's environment variables. */
  public Map<String, String> environment(String service) {
    Map<String, Object> written = map(service(service).getOrDefault("environment", Map.of()));
    Map<String, String> environment = new TreeMap<>();
    written.forEach((name, value) -> environment.put(name, String.valueOf(value)));
    return environment;
  }

  /** The words of a list that a service may have. */
  @SuppressWarnings("unchecked")
  static List<String> list(Map<String, Object> service, String key) {
    return (List<String>) service.getOrDefault(key, List.of());
  }

  static Map<String, Object> load(Path path) {
    try {
      return map(new Yaml(new SafeConstructor(new LoaderOptions())).load(Files.readString(path)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @SuppressWarnings("unchecked")
  private static <V> Map<String, V> map(@Nullable Object value) {
    return (Map<String, V>) Objects.requireNonNull(value);
  }
}
