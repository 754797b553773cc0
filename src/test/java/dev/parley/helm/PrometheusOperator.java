package dev.parley.helm;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * As much of monitoring.coreos.com/v1 as the chart uses, under the names of the operator's API
 * reference: the typed models have no release that goes with those of Kubernetes. Unknown fields
 * are refused.
 */
final class PrometheusOperator {
  private static final JsonMapper STRICT =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

  private PrometheusOperator() {}

  record ServiceMonitor(
      @Nullable NamespaceSelector namespaceSelector, Selector selector, List<Endpoint> endpoints) {}

  record NamespaceSelector(List<String> matchNames) {}

  record Selector(Map<String, String> matchLabels) {}

  record Endpoint(
      @Nullable String port,
      @Nullable String targetPort,
      String path,
      @Nullable String scheme,
      String interval,
      String scrapeTimeout,
      List<Relabeling> relabelings,
      @Nullable List<Relabeling> metricRelabelings) {}

  record Relabeling(
      @Nullable String action,
      @Nullable List<String> sourceLabels,
      @Nullable String regex,
      @Nullable String targetLabel,
      @Nullable String replacement) {

    static Relabeling to(String label, String replacement) {
      return new Relabeling(null, null, null, label, replacement);
    }
  }

  record PrometheusRule(List<Group> groups) {}

  record Group(
      String name,
      @Nullable String interval,
      @Nullable Integer limit,
      @Nullable Map<String, String> labels,
      List<Rule> rules) {}

  record Rule(
      @Nullable String record,
      @Nullable String alert,
      String expr,
      @JsonProperty("for") @Nullable String duration,
      @JsonProperty("keep_firing_for") @Nullable String keepFiringFor,
      @Nullable Map<String, String> labels,
      @Nullable Map<String, String> annotations) {}

  static ServiceMonitor serviceMonitor(Manifests manifests) {
    return spec(manifests, "ServiceMonitor", ServiceMonitor.class);
  }

  static PrometheusRule prometheusRule(Manifests manifests) {
    return spec(manifests, "PrometheusRule", PrometheusRule.class);
  }

  private static <T> T spec(Manifests manifests, String kind, Class<T> type) {
    return STRICT.convertValue(manifests.custom(kind).get("spec"), type);
  }
}
