package dev.parley.helm;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whatever it is used for, what the chart makes is what Kubernetes knows. */
@Tag("helm")
@Timeout(60)
class ChartTemplateTests {
  private static final Pattern DNS_LABEL = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");

  @ParameterizedTest
  @EnumSource
  void everyManifestHasKnownFieldsOnly(ValueSet values) {
    Manifests manifests = Manifests.of(values.yaml());
    assertThat(manifests.all()).flatExtracting(UnknownFields::of).isEmpty();
    assertThat(manifests.all(GenericKubernetesResource.class))
        .extracting(GenericKubernetesResource::getApiVersion)
        .allMatch("monitoring.coreos.com/v1"::equals);
    if (manifests.has("ServiceMonitor")) {
      assertThat(PrometheusOperator.serviceMonitor(manifests).endpoints()).isNotEmpty();
      assertThat(PrometheusOperator.prometheusRule(manifests).groups()).isNotEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource
  void everyObjectHasAShortNameOfItsOwnAndTheCommonLabels(ValueSet values) {
    List<HasMetadata> all = Manifests.of(values.yaml()).all();
    assertThat(all)
        .extracting(object -> object.getKind() + " " + object.getMetadata().getName())
        .doesNotHaveDuplicates();
    assertThat(all)
        .extracting(object -> object.getMetadata().getName())
        .allMatch(DNS_LABEL.asMatchPredicate());
    assertThat(all)
        .extracting(object -> object.getMetadata().getLabels())
        .allSatisfy(labels ->
            assertThat(labels)
                .containsEntry("app.kubernetes.io/instance", Chart.RELEASE)
                .containsEntry("app.kubernetes.io/managed-by", "Helm")
                .containsKeys(
                    "helm.sh/chart",
                    "app.kubernetes.io/name",
                    "app.kubernetes.io/version",
                    "app.kubernetes.io/component"));
  }

  @Test
  void aMisspeltFieldIsFound() {
    Manifests misspelt =
        Manifests.parse(
            """
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: a, lables: {}}
            spec:
              template:
                spec:
                  containers:
                    - name: a
                      livenessProbe: {httpGet: {path: /, prot: 1}}
            """);
    assertThat(UnknownFields.of(misspelt.all().getFirst()))
        .containsExactlyInAnyOrder(
            "Deployment.metadata.lables",
            "Deployment.spec.template.spec.containers[].livenessProbe.httpGet.prot");
  }
}
