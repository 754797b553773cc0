package dev.parley.helm;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What operators add to the chart or put in the place of its own. */
@Tag("helm")
@Timeout(60)
class ChartExtensionTests {
  private static final String REDIS = Manifests.NAME + "-redis";

  @Test
  void commonLabelsAndAnnotationsAreOnEveryObjectAndPod() {
    Manifests manifests =
        Manifests.of(
            Chart.MINIMAL,
            ValueSet.EVERYTHING.yaml()[1],
            """
            commonLabels: {team: talk, app.kubernetes.io/component: other}
            commonAnnotations: {example.org/owner: talk}
            """);
    assertThat(metadata(manifests))
        .allSatisfy(metadata -> {
          assertThat(metadata.getLabels()).containsEntry("team", "talk");
          assertThat(metadata.getLabels().get("app.kubernetes.io/component"))
              .isIn("server", "redis", "test");
          assertThat(metadata.getAnnotations()).containsEntry("example.org/owner", "talk");
        })
        .hasSizeGreaterThanOrEqualTo(17);
    assertThat(manifests.main(Deployment.class).getSpec().getSelector().getMatchLabels())
        .doesNotContainKey("team");
  }

  /** The values that give labels and annotations to one kind of object, and what they go to. */
  @ParameterizedTest
  @CsvSource({
    "deploymentLabels, deploymentAnnotations, Deployment chat-parley",
    "podLabels, podAnnotations, pod chat-parley",
    "service.labels, service.annotations, Service chat-parley",
    "ingress.labels, ingress.annotations, Ingress chat-parley",
    "httpRoute.labels, httpRoute.annotations, HTTPRoute chat-parley",
    "serviceAccount.labels, serviceAccount.annotations, ServiceAccount chat-parley",
    "configMap.labels, configMap.annotations, ConfigMap chat-parley",
    "secret.labels, secret.annotations, Secret chat-parley",
    "podDisruptionBudget.labels, podDisruptionBudget.annotations, PodDisruptionBudget chat-parley",
    "autoscaling.labels, autoscaling.annotations, HorizontalPodAutoscaler chat-parley",
    "networkPolicy.labels, networkPolicy.annotations, NetworkPolicy chat-parley",
    "monitoring.serviceMonitor.labels, monitoring.serviceMonitor.annotations, "
        + "ServiceMonitor chat-parley",
    "monitoring.prometheusRule.labels, monitoring.prometheusRule.annotations, "
        + "PrometheusRule chat-parley",
    "monitoring.dashboard.labels, monitoring.dashboard.annotations, "
        + "ConfigMap chat-parley-dashboard",
    "tests.labels, tests.annotations, Pod chat-parley-test",
    "redis.bundled.labels, redis.bundled.annotations, StatefulSet chat-parley-redis",
    "redis.bundled.podLabels, redis.bundled.podAnnotations, pod chat-parley-redis",
    "redis.bundled.service.labels, redis.bundled.service.annotations, Service chat-parley-redis",
  })
  void labelsAndAnnotationsOfOneKindOfObject(String labels, String annotations, String object) {
    Manifests manifests =
        Manifests.of(
            Chart.MINIMAL,
            ValueSet.EVERYTHING.yaml()[1],
            "{commonLabels: {team: nobody}, commonAnnotations: {owner: nobody}}",
            nested(labels, "{team: talk}"),
            nested(annotations, "{owner: talk}"));
    ObjectMeta metadata =
        object.startsWith("pod ")
            ? template(manifests, object.substring(4))
            : manifests.all().stream()
                .filter(each -> object.equals(each.getKind() + " " + each.getMetadata().getName()))
                .findAny()
                .map(HasMetadata::getMetadata)
                .orElseThrow();
    assertThat(metadata.getLabels()).containsEntry("team", "talk");
    assertThat(metadata.getAnnotations()).containsEntry("owner", "talk");
  }

  @Test
  void fieldsOfSecurityContextsAreChangedAndTakenOut() {
    String override =
        """
        podSecurityContext: {runAsUser: null, fsGroup: 4711}
        securityContext: {readOnlyRootFilesystem: false, capabilities: {add: [NET_ADMIN]}}
        """;
    Manifests manifests =
        Manifests.of(
            Chart.MINIMAL,
            ValueSet.BUNDLED_REDIS.yaml()[1],
            override,
            "redis: {bundled: {%s}}".formatted(inline(override)),
            "tests: {%s}".formatted(inline(override)));
    assertThat(pods(manifests)).hasSize(3);
    for (PodSpec pod : pods(manifests)) {
      assertThat(pod.getSecurityContext().getRunAsUser()).isNull();
      assertThat(pod.getSecurityContext().getFsGroup()).isEqualTo(4711);
      assertThat(pod.getSecurityContext().getRunAsNonRoot()).isTrue();
      var container = pod.getContainers().getFirst().getSecurityContext();
      assertThat(container.getReadOnlyRootFilesystem()).isFalse();
      assertThat(container.getCapabilities().getAdd()).containsExactly("NET_ADMIN");
      assertThat(container.getCapabilities().getDrop()).containsExactly("ALL");
    }
  }

  @Test
  void containersOfOperatorsStandBesideThoseOfTheChart() {
    Manifests manifests = Manifests.of(ValueSet.EXTRAS.yaml());
    for (PodTemplateSpec template : manifests.templates()) {
      PodSpec pod = template.getSpec();
      assertThat(pod.getInitContainers()).extracting(Container::getName).containsExactly("tunnel");
      assertThat(pod.getContainers()).extracting(Container::getName).contains("shipper");
      assertThat(pod.getContainers().getFirst().getName()).isIn("parley", "redis");
      assertThat(pod.getVolumes()).extracting(Volume::getName).contains("more");
    }
    Container parley = manifests.templates().getFirst().getSpec().getContainers().getFirst();
    assertThat(parley.getArgs()).containsExactly("--debug");
    assertThat(parley.getEnvFrom().getFirst().getSecretRef().getName()).isEqualTo("more");
    assertThat(manifests.all(ConfigMap.class))
        .extracting(map -> map.getMetadata().getName())
        .contains(Chart.RELEASE + "-notes");
  }

  @Test
  void theBundledRedisCanKeepItsLogOnAClaimOfItsOperator() {
    StatefulSet redis = Manifests.of(ValueSet.EXTRAS.yaml()).all(StatefulSet.class).getFirst();
    assertThat(redis.getSpec().getVolumeClaimTemplates()).isEmpty();
    assertThat(redis.getSpec().getTemplate().getSpec().getVolumes())
        .filteredOn(volume -> volume.getName().equals("data"))
        .extracting(volume -> volume.getPersistentVolumeClaim().getClaimName())
        .containsExactly("restored");
  }

  @Test
  void portsOfSidecarsAreReachedWhereARuleSaysSo() {
    assertThat(Manifests.of(ValueSet.EXTRAS.yaml()).all(NetworkPolicy.class))
        .hasSize(2)
        .allSatisfy(policy ->
            assertThat(policy.getSpec().getIngress().getLast().getPorts())
                .extracting(port -> port.getPort().getIntVal())
                .containsExactly(9000));
  }

  @Test
  void aLoadBalancerIsGivenItsFields() {
    var service = Manifests.of(ValueSet.LOAD_BALANCER.yaml()).main(Service.class).getSpec();
    assertThat(service.getLoadBalancerSourceRanges())
        .containsExactly("192.0.2.0/24", "2001:db8::/32");
    assertThat(service.getLoadBalancerClass()).isEqualTo("example.org/edge");
    assertThat(service.getLoadBalancerIP()).isEqualTo("192.0.2.8");
    assertThat(service.getExternalTrafficPolicy()).isEqualTo("Local");
    assertThat(service.getInternalTrafficPolicy()).isEqualTo("Cluster");
    assertThat(service.getAllocateLoadBalancerNodePorts()).isFalse();
    assertThat(service.getClusterIP()).isEqualTo("10.0.0.7");
    assertThat(service.getExternalIPs()).containsExactly("192.0.2.7");
    assertThat(service.getIpFamilyPolicy()).isEqualTo("PreferDualStack");
    assertThat(service.getIpFamilies()).containsExactly("IPv4", "IPv6");
    assertThat(service.getPorts().getFirst().getNodePort()).isEqualTo(30443);
  }

  @Test
  void podsAreScheduledAsOperatorsSay() {
    Manifests manifests = Manifests.of(ValueSet.SCHEDULING.yaml());
    PodSpec parley = manifests.pod();
    assertThat(parley.getRuntimeClassName()).isEqualTo("gvisor");
    assertThat(parley.getSchedulerName()).isEqualTo("packing");
    assertThat(parley.getHostAliases().getFirst().getHostnames()).containsExactly("login.example");
    assertThat(parley.getDnsPolicy()).isEqualTo("None");
    assertThat(parley.getDnsConfig().getNameservers()).containsExactly("192.0.2.53");
    var deployment = manifests.deployment().getSpec();
    assertThat(deployment.getRevisionHistoryLimit()).isEqualTo(3);
    assertThat(deployment.getStrategy().getRollingUpdate().getMaxSurge())
        .isEqualTo(new IntOrString("25%"));
    StatefulSet redis = manifests.named(StatefulSet.class, REDIS);
    PodSpec pod = redis.getSpec().getTemplate().getSpec();
    assertThat(redis.getSpec().getRevisionHistoryLimit()).isEqualTo(3);
    assertThat(pod.getNodeSelector()).isEqualTo(Map.of("disk", "faster"));
    assertThat(pod.getTolerations()).isEqualTo(parley.getTolerations()).isNotEmpty();
    assertThat(pod.getPriorityClassName()).isEqualTo("highest");
    assertThat(pod.getAffinity().getNodeAffinity()).isNotNull();
    assertThat(pod.getTerminationGracePeriodSeconds()).isEqualTo(120);
    var claim = redis.getSpec().getVolumeClaimTemplates().getFirst();
    assertThat(claim.getMetadata().getAnnotations()).containsEntry("example.org/backup", "daily");
    assertThat(claim.getSpec().getAccessModes()).containsExactly("ReadWriteOncePod");
  }

  @Test
  void theTokenOfTheClusterIsMountedOnlyIfASidecarNeedsIt() {
    assertThat(Manifests.of(Chart.MINIMAL).pod().getAutomountServiceAccountToken()).isFalse();
    assertThat(
            Manifests.of(Chart.MINIMAL, "serviceAccount: {automountToken: true}")
                .pod()
                .getAutomountServiceAccountToken())
        .isTrue();
  }

  @Test
  void aServiceMonitorInAnotherNamespaceFindsThePodsInThisOne() {
    Manifests manifests = Manifests.of(ValueSet.MONITORING.yaml());
    var selector = PrometheusOperator.serviceMonitor(manifests).namespaceSelector();
    assertThat(Objects.requireNonNull(selector).matchNames()).containsExactly(Chart.NAMESPACE);
    assertThat(manifests.all())
        .filteredOn(object -> object.getKind().equals("ServiceMonitor"))
        .extracting(object -> object.getMetadata().getNamespace())
        .containsExactly("monitoring");
    assertThat(PrometheusOperator.serviceMonitor(manifests).endpoints().getFirst().relabelings())
        .containsExactly(
            PrometheusOperator.Relabeling.to("job", "parley"),
            PrometheusOperator.Relabeling.to("cluster", "eu-1"));
  }

  @Test
  void controllersThatAskForAnotherTypeOfPathGetIt() {
    assertThat(Manifests.of(ValueSet.INGRESS_OF_ANOTHER_KIND.yaml()).main(Ingress.class).getSpec())
        .extracting(ingress -> ingress.getRules().getFirst().getHttp().getPaths().getFirst())
        .extracting(path -> path.getPathType())
        .isEqualTo("ImplementationSpecific");
  }

  private static Stream<ObjectMeta> metadata(Manifests manifests) {
    return Stream.concat(
        manifests.all().stream().map(HasMetadata::getMetadata),
        manifests.templates().stream().map(PodTemplateSpec::getMetadata));
  }

  private static ObjectMeta template(Manifests manifests, String name) {
    return (name.equals(REDIS)
            ? manifests.named(StatefulSet.class, name).getSpec().getTemplate()
            : manifests.named(Deployment.class, name).getSpec().getTemplate())
        .getMetadata();
  }

  private static List<PodSpec> pods(Manifests manifests) {
    return Stream.concat(
            manifests.templates().stream().map(PodTemplateSpec::getSpec),
            manifests.all(Pod.class).stream().map(Pod::getSpec))
        .toList();
  }

  private static String nested(String path, String value) {
    return "{"
        + String.join(": {", path.split("\\."))
        + ": "
        + value
        + "}".repeat(path.split("\\.").length);
  }

  private static String inline(String yaml) {
    return yaml.strip().replace("\n", ", ");
  }
}
