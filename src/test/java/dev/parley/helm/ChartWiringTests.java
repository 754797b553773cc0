package dev.parley.helm;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.HTTPRoute;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPort;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whoever selects pods or names objects finds them, and no others. */
@Tag("helm")
@Timeout(60)
class ChartWiringTests {
  private static final String REDIS = Manifests.NAME + "-redis";
  private static Manifests all;

  @BeforeAll
  static void render() {
    all = Manifests.of(ValueSet.EVERYTHING.yaml());
  }

  @Test
  void selectorsOfParleyFindItsPodsAndNoOthers() {
    assertFindsOnly(parley(), all.deployment().getSpec().getSelector());
    assertFindsOnly(parley(), selector(all.main(Service.class).getSpec().getSelector()));
    assertFindsOnly(parley(), all.main(PodDisruptionBudget.class).getSpec().getSelector());
    assertFindsOnly(parley(), all.main(NetworkPolicy.class).getSpec().getPodSelector());
    all.pod()
        .getTopologySpreadConstraints()
        .forEach(spread -> assertFindsOnly(parley(), spread.getLabelSelector()));
  }

  @Test
  void selectorsOfTheBundledRedisFindItsPodAndNoOthers() {
    assertFindsOnly(redis(), all.named(StatefulSet.class, REDIS).getSpec().getSelector());
    assertFindsOnly(redis(), selector(all.named(Service.class, REDIS).getSpec().getSelector()));
    NetworkPolicy policy = all.named(NetworkPolicy.class, REDIS);
    assertFindsOnly(redis(), policy.getSpec().getPodSelector());
    assertFindsOnly(
        parley(), policy.getSpec().getIngress().getFirst().getFrom().getFirst().getPodSelector());
    assertThat(policy.getSpec().getEgress()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void thePortOfManagementIsInNothingThatLeadsOutside(ValueSet values) {
    Manifests manifests = Manifests.of(values.yaml());
    for (Service service : manifests.all(Service.class)) {
      assertThat(service.getSpec().getPorts()).hasSize(1);
      ServicePort port = service.getSpec().getPorts().getFirst();
      assertThat(port.getTargetPort().getStrVal()).isIn("users", "redis");
      assertThat(port.getPort()).isNotEqualTo(8081);
    }
    manifests.all(Ingress.class).forEach(ChartWiringTests::assertLeadsToUsers);
    Service users = manifests.all(Service.class).getLast();
    for (HTTPRoute route : manifests.all(HTTPRoute.class)) {
      assertThat(route.getSpec().getRules())
          .flatExtracting(rule -> rule.getBackendRefs())
          .allSatisfy(backend -> {
            assertThat(backend.getName()).isEqualTo(users.getMetadata().getName());
            assertThat(backend.getPort())
                .isEqualTo(users.getSpec().getPorts().getFirst().getPort());
          });
    }
  }

  @Test
  void portsAreNamedAsTheContainersNameThem() {
    List<String> ports =
        all.pod().getContainers().getFirst().getPorts().stream()
            .map(ContainerPort::getName)
            .toList();
    assertThat(all.main(NetworkPolicy.class).getSpec().getIngress())
        .flatExtracting(rule -> rule.getPorts())
        .extracting(port -> port.getPort().getStrVal())
        .containsExactlyElementsOf(ports);
    assertThat(PrometheusOperator.serviceMonitor(all).endpoints())
        .extracting(PrometheusOperator.Endpoint::targetPort)
        .containsExactly("management");
  }

  @Test
  void prometheusFindsThePodsByTheirService() {
    PrometheusOperator.ServiceMonitor monitor = PrometheusOperator.serviceMonitor(all);
    Map<String, String> labels = all.main(Service.class).getMetadata().getLabels();
    assertThat(labels).containsAllEntriesOf(monitor.selector().matchLabels());
    assertThat(all.named(Service.class, REDIS).getMetadata().getLabels().entrySet())
        .doesNotContain(
            Map.entry(
                "app.kubernetes.io/component",
                Objects.requireNonNull(
                    monitor.selector().matchLabels().get("app.kubernetes.io/component"))));
    // What alerts.yml and the dashboard ask for.
    assertThat(monitor.endpoints().getFirst().relabelings())
        .containsExactly(PrometheusOperator.Relabeling.to("job", "parley"));
    assertThat(monitor.endpoints().getFirst().path()).isEqualTo("/actuator/prometheus");
  }

  @Test
  void theScalerScalesTheDeploymentByCpuAndConnections() {
    var scaler = all.main(HorizontalPodAutoscaler.class).getSpec();
    assertThat(scaler.getScaleTargetRef().getKind()).isEqualTo("Deployment");
    assertThat(scaler.getScaleTargetRef().getName())
        .isEqualTo(all.main(Deployment.class).getMetadata().getName());
    assertThat(scaler.getMetrics().getFirst().getResource().getName()).isEqualTo("cpu");
    assertThat(scaler.getMetrics().getLast().getPods().getMetric().getName())
        .isEqualTo("parley_connections");
    assertThat(scaler.getBehavior().getScaleDown().getPolicies())
        .allSatisfy(policy -> assertThat(policy.getValue()).isEqualTo(1));
  }

  @Test
  void nobodyReachesThePortOfManagementButMonitoring() {
    var rules = all.main(NetworkPolicy.class).getSpec().getIngress();
    assertThat(rules).hasSize(2);
    assertThat(rules.getFirst().getFrom()).isEmpty();
    assertThat(rules.getLast().getFrom()).hasSize(1);
    assertThat(rules.getLast().getFrom().getFirst().getNamespaceSelector().getMatchLabels())
        .containsEntry("kubernetes.io/metadata.name", "monitoring");
    assertThat(
            Manifests.of(Chart.MINIMAL, "networkPolicy: {managementFrom: []}")
                .main(NetworkPolicy.class)
                .getSpec()
                .getIngress())
        .hasSize(1);
  }

  @Test
  void parleyReachesDnsRedisAndItsIssuerOnly() {
    Manifests issuer = Manifests.of(ValueSet.ISSUER.yaml());
    var policy = issuer.main(NetworkPolicy.class).getSpec();
    assertThat(policy.getPolicyTypes()).containsExactly("Ingress", "Egress");
    assertThat(policy.getEgress())
        .flatExtracting(rule -> rule.getPorts())
        .extracting(ChartWiringTests::number)
        .containsExactly(53, 53, 6379, 8443);
    assertThat(
            Manifests.of(ValueSet.KEY_SET.yaml())
                .main(NetworkPolicy.class)
                .getSpec()
                .getEgress()
                .getLast()
                .getPorts())
        .extracting(ChartWiringTests::number)
        .containsExactly(443);
    var bundled = all.main(NetworkPolicy.class).getSpec().getEgress().getLast();
    assertFindsOnly(redis(), bundled.getTo().getFirst().getPodSelector());
  }

  @Test
  void theTestPodIsLetInWhereOthersAreNot() {
    Manifests manifests = Manifests.of(ValueSet.NETWORK_POLICY.yaml());
    LabelSelector allowed =
        manifests
            .main(NetworkPolicy.class)
            .getSpec()
            .getIngress()
            .getFirst()
            .getFrom()
            .getLast()
            .getPodSelector();
    assertThat(manifests.all(Pod.class).getFirst().getMetadata().getLabels())
        .containsAllEntriesOf(allowed.getMatchLabels());
  }

  private static void assertLeadsToUsers(Ingress ingress) {
    assertThat(ingress.getSpec().getRules())
        .flatExtracting(rule -> rule.getHttp().getPaths())
        .extracting(path -> path.getBackend().getService())
        .allSatisfy(service -> {
          assertThat(service.getName()).isEqualTo(Manifests.NAME);
          assertThat(service.getPort().getName()).isEqualTo("users");
        });
  }

  private static int number(NetworkPolicyPort port) {
    return port.getPort().getIntVal();
  }

  private static void assertFindsOnly(PodTemplateSpec pods, LabelSelector selector) {
    assertThat(selector.getMatchLabels()).isNotEmpty();
    for (PodTemplateSpec template : all.templates()) {
      assertThat(
              template
                  .getMetadata()
                  .getLabels()
                  .entrySet()
                  .containsAll(selector.getMatchLabels().entrySet()))
          .isEqualTo(template == pods);
    }
    Map<String, String> test = all.all(Pod.class).getFirst().getMetadata().getLabels();
    assertThat(test.entrySet().containsAll(selector.getMatchLabels().entrySet())).isFalse();
  }

  private static PodTemplateSpec parley() {
    return all.deployment().getSpec().getTemplate();
  }

  private static PodTemplateSpec redis() {
    return all.named(StatefulSet.class, REDIS).getSpec().getTemplate();
  }

  private static LabelSelector selector(Map<String, String> labels) {
    LabelSelector selector = new LabelSelector();
    selector.setMatchLabels(labels);
    return selector;
  }
}
