package dev.parley.helm;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;

/** What the chart makes of some values, as objects of the cluster's types. */
final class Manifests {
  static final String NAME = Chart.RELEASE + "-parley";
  private static final KubernetesSerialization KUBERNETES = new KubernetesSerialization();

  private final String text;
  private final List<HasMetadata> all = new ArrayList<>();

  private Manifests(String text) {
    this.text = text;
    LoaderOptions strict = new LoaderOptions();
    strict.setAllowDuplicateKeys(false);
    for (String document : text.split("(?m)^---$", -1)) {
      if (new Yaml(strict).load(document) != null) {
        all.add(KUBERNETES.unmarshal(document));
      }
    }
  }

  /** Rendered with these values, each over those before it. */
  static Manifests of(String... values) {
    return new Manifests(Chart.render(values));
  }

  /** Of a text that did not come from the chart. */
  static Manifests parse(String text) {
    return new Manifests(text);
  }

  String text() {
    return text;
  }

  List<HasMetadata> all() {
    return all;
  }

  <T extends HasMetadata> List<T> all(Class<T> type) {
    return all.stream().filter(type::isInstance).map(type::cast).toList();
  }

  <T extends HasMetadata> T named(Class<T> type, String name) {
    return all(type).stream()
        .filter(object -> object.getMetadata().getName().equals(name))
        .findAny()
        .orElseThrow(() -> new AssertionError("no " + type.getSimpleName() + " " + name));
  }

  /** The one that has the name of the release. */
  <T extends HasMetadata> T main(Class<T> type) {
    return named(type, NAME);
  }

  Deployment deployment() {
    return main(Deployment.class);
  }

  /** Parley's pods. */
  PodSpec pod() {
    return deployment().getSpec().getTemplate().getSpec();
  }

  /** What runs pods: Parley, and the bundled Redis. */
  List<PodTemplateSpec> templates() {
    return Stream.concat(
            all(Deployment.class).stream().map(object -> object.getSpec().getTemplate()),
            all(StatefulSet.class).stream().map(object -> object.getSpec().getTemplate()))
        .toList();
  }

  /** One of the types that are not Kubernetes' own. */
  Map<String, Object> custom(String kind) {
    return all(GenericKubernetesResource.class).stream()
        .filter(object -> object.getKind().equals(kind))
        .map(object -> KUBERNETES.unmarshal(KUBERNETES.asJson(object), Map.class))
        .map(Manifests::<String, Object>cast)
        .findAny()
        .orElseThrow(() -> new AssertionError("no " + kind));
  }

  boolean has(String kind) {
    return all.stream().map(HasMetadata::getKind).anyMatch(kind::equals);
  }

  /** What the instances read as their application.yml. */
  Map<String, Object> settings() {
    return Chart.map(entry(main(ConfigMap.class), "application.yml"));
  }

  static String entry(ConfigMap map, String key) {
    return Objects.requireNonNull(map.getData().get(key), key);
  }

  /** A value in maps of maps; null where it is not. */
  static @Nullable Object at(Map<String, Object> map, String... path) {
    @Nullable Object value = map;
    for (String key : path) {
      if (!(value instanceof Map<?, ?> step)) {
        return null;
      }
      value = step.get(key);
    }
    return value;
  }

  @SuppressWarnings("unchecked")
  private static <K, V> Map<K, V> cast(Map<?, ?> map) {
    return (Map<K, V>) map;
  }
}
