package dev.parley.helm;

import com.marcnuri.helm.DryRun;
import com.marcnuri.helm.Helm;
import com.marcnuri.helm.InstallCommand;
import com.marcnuri.helm.LintResult;
import com.marcnuri.helm.TemplateCommand;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.BinaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.Yaml;

/**
 * The chart as Helm renders it. Values are YAML, each text over those before it; what Helm refuses
 * comes as an {@link IllegalStateException} with its words.
 */
final class Chart {
  static final Path DIRECTORY = Path.of("helm", "parley");
  static final String RELEASE = "chat";
  static final String NAMESPACE = "talk";
  static final String SECRET = "a secret of more than 32 bytes for tests";

  /** The least that it takes. */
  static final String MINIMAL =
      """
      tokens: {jwtSecret: %s}
      redis: {host: redis.example}
      """
          .formatted(SECRET);

  /**
   * Helm's template command believes in Kubernetes 1.20 here and cannot be told otherwise, and it
   * leaves hooks out.
   */
  private static final Path TEMPLATES =
      copy(
          "templates",
          (file, text) ->
              text.replaceAll("(?m)^kubeVersion:.*$", "")
                  .replace("helm.sh/hook", "example.org/hook"));

  private Chart() {}

  /** The manifests of a release. */
  static String render(String... values) {
    TemplateCommand command =
        new Helm(TEMPLATES).template().withName(RELEASE).withNamespace(NAMESPACE);
    files(values).forEach(command::withValuesFile);
    return command.call();
  }

  /** What somebody reads who has installed it. */
  static String notes(String kubernetes, String... values) {
    InstallCommand command =
        new Helm(DIRECTORY)
            .install()
            .clientOnly()
            .withDryRunOption(DryRun.CLIENT)
            .withKubeVersion(kubernetes)
            .withName(RELEASE)
            .withNamespace(NAMESPACE);
    files(values).forEach(command::withValuesFile);
    String output = command.call().getOutput();
    return output.substring(output.indexOf("\nNOTES:") + 1);
  }

  /** What Helm's lint says of it with these as its default values. */
  static LintResult lint(String... values) {
    Path copy =
        copy("lint", (file, text) -> file.endsWith("values.yaml") ? merged(text, values) : text);
    return new Helm(copy).lint().strict().call();
  }

  static String read(String file) {
    try {
      return Files.readString(DIRECTORY.resolve(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A YAML document that is a map. */
  static Map<String, Object> map(String yaml) {
    Map<String, Object> map = new Yaml().load(yaml);
    return map == null ? Map.of() : map;
  }

  private static String merged(String defaults, String... values) {
    Map<String, Object> all = map(defaults);
    Arrays.stream(values).forEach(text -> merge(all, map(text)));
    return new Yaml().dump(all);
  }

  /** As Helm does it: maps one into the other, and null takes away. */
  @SuppressWarnings("unchecked")
  private static void merge(Map<String, Object> into, Map<String, @Nullable Object> from) {
    from.forEach((key, value) -> {
      if (value == null) {
        into.remove(key);
      } else if (value instanceof Map<?, ?> map && into.get(key) instanceof Map<?, ?> old) {
        merge((Map<String, Object>) old, (Map<String, @Nullable Object>) map);
      } else {
        into.put(key, value);
      }
    });
  }

  private static List<Path> files(String... values) {
    return Arrays.stream(values).map(Chart::file).toList();
  }

  private static Path file(String values) {
    try {
      Path file = Files.createTempFile("values", ".yaml");
      file.toFile().deleteOnExit();
      return Files.writeString(file, values);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path copy(String name, BinaryOperator<String> edit) {
    Path copy = Path.of("target", "helm", name);
    try (Stream<Path> all = Files.walk(DIRECTORY)) {
      for (Path from : all.filter(Files::isRegularFile).toList()) {
        Path to = copy.resolve(DIRECTORY.relativize(from).toString());
        Files.createDirectories(to.getParent());
        Files.writeString(to, edit.apply(from.toString(), Files.readString(from)));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return copy;
  }
}
