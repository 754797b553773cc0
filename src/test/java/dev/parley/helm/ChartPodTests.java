package dev.parley.helm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.groups.Tuple.tuple;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** How pods are run. */
@Tag("helm")
@Timeout(60)
class ChartPodTests {

  @ParameterizedTest
  @EnumSource
  void everyPodIsAllowedNothing(ValueSet values) {
    for (PodSpec pod : pods(Manifests.of(values.yaml()))) {
      assertThat(pod.getAutomountServiceAccountToken()).isFalse();
      assertThat(pod.getEnableServiceLinks()).isFalse();
      assertThat(pod.getSecurityContext().getRunAsNonRoot()).isTrue();
      assertThat(pod.getSecurityContext().getRunAsUser()).isPositive();
      assertThat(pod.getSecurityContext().getSeccompProfile().getType())
          .isEqualTo("RuntimeDefault");
      for (Container container : pod.getContainers()) {
        assertThat(container.getSecurityContext().getAllowPrivilegeEscalation()).isFalse();
        assertThat(container.getSecurityContext().getReadOnlyRootFilesystem()).isTrue();
        assertThat(container.getSecurityContext().getCapabilities().getDrop())
            .containsExactly("ALL");
        assertThat(container.getResources().getLimits()).containsKey("memory");
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void whatIsMountedIsThere(ValueSet values) {
    Manifests manifests = Manifests.of(values.yaml());
    for (PodSpec pod : pods(manifests)) {
      List<String> claimed =
          manifests.all(StatefulSet.class).stream()
              .flatMap(set -> set.getSpec().getVolumeClaimTemplates().stream())
              .map(claim -> claim.getMetadata().getName())
              .toList();
      List<String> volumes = pod.getVolumes().stream().map(Volume::getName).toList();
      for (Container container : pod.getContainers()) {
        assertThat(container.getVolumeMounts())
            .extracting(VolumeMount::getName)
            .allMatch(name -> volumes.contains(name) || claimed.contains(name));
        assertThat(container.getEnv()).extracting(EnvVar::getName).doesNotHaveDuplicates();
      }
    }
  }

  @Test
  void parleyRunsAsTheUserOfItsImage() {
    PodSpec pod = Manifests.of(Chart.MINIMAL).pod();
    assertThat(pod.getSecurityContext().getRunAsUser()).isEqualTo(10_001);
    assertThat(pod.getSecurityContext().getRunAsGroup()).isEqualTo(10_001);
    assertThat(parley(pod).getImage())
        .isEqualTo("parley:" + Chart.map(Chart.read("Chart.yaml")).get("appVersion"));
  }

  @Test
  void aDigestTakesThePlaceOfTheTag() {
    assertThat(parley(Manifests.of(ValueSet.SCHEDULING.yaml()).pod()).getImage())
        .matches("registry\\.example/parley@sha256:[0-9a-f]{64}");
  }

  @Test
  void onlyTmpCanBeWritten() {
    PodSpec pod = Manifests.of(ValueSet.EXTERNAL_REDIS_WITH_TLS.yaml()).pod();
    assertThat(parley(pod).getVolumeMounts())
        .filteredOn(mount -> !Boolean.TRUE.equals(mount.getReadOnly()))
        .extracting(VolumeMount::getMountPath)
        .containsExactly("/tmp");
    assertThat(pod.getVolumes())
        .filteredOn(volume -> volume.getName().equals("tmp"))
        .allSatisfy(volume -> assertThat(volume.getEmptyDir().getSizeLimit()).isNotNull());
  }

  @Test
  void portsAreThoseTheApplicationListensOn() throws Exception {
    Map<String, Object> application =
        Chart.map(Files.readString(Path.of("src/main/resources/application.yml")));
    assertThat(parley(Manifests.of(Chart.MINIMAL).pod()).getPorts())
        .extracting(ContainerPort::getName, ContainerPort::getContainerPort)
        .containsExactly(
            tuple("users", Manifests.at(application, "server", "port")),
            tuple("management", Manifests.at(application, "management", "server", "port")));
  }

  @Test
  void probesAskTheManagementPort() {
    Container parley = parley(Manifests.of(Chart.MINIMAL).pod());
    assertProbe(parley.getStartupProbe(), "/actuator/health/liveness");
    assertProbe(parley.getLivenessProbe(), "/actuator/health/liveness");
    assertProbe(parley.getReadinessProbe(), "/actuator/health/readiness");
  }

  @Test
  void anInstanceGoesOnWhileBalancersLearnThatItStops() {
    PodSpec pod = Manifests.of(Chart.MINIMAL).pod();
    assertThat(parley(pod).getLifecycle().getPreStop().getSleep().getSeconds()).isEqualTo(5);
    assertThat(pod.getTerminationGracePeriodSeconds()).isEqualTo(50);
    assertThat(parley(Manifests.of(ValueSet.NOTHING_OPTIONAL.yaml()).pod()).getLifecycle())
        .isNull();
  }

  @Test
  void anUpdateNeverHasOneInstanceLess() {
    var deployment = Manifests.of(Chart.MINIMAL).deployment().getSpec();
    var update = deployment.getStrategy().getRollingUpdate();
    assertThat(update.getMaxUnavailable().getIntVal()).isZero();
    assertThat(update.getMaxSurge().getIntVal()).isEqualTo(1);
    assertThat(deployment.getMinReadySeconds()).isEqualTo(20);
    assertThat(deployment.getReplicas()).isEqualTo(2);
  }

  @Test
  void twoEmbeddedBrokersNeverRunSideBySide() {
    Manifests manifests = Manifests.of(ValueSet.EMBEDDED.yaml());
    assertThat(manifests.deployment().getSpec().getStrategy().getType()).isEqualTo("Recreate");
    assertThat(manifests.text()).doesNotContainIgnoringCase("redis:");
  }

  @Test
  void theScalerAloneDecidesHowManyThereAre() {
    assertThat(Manifests.of(ValueSet.AUTOSCALING.yaml()).deployment().getSpec().getReplicas())
        .isNull();
  }

  @Test
  void aChangedSettingRollsTheInstances() {
    String before = checksums(Chart.MINIMAL);
    assertThat(checksums(Chart.MINIMAL)).isEqualTo(before);
    assertThat(checksums(Chart.MINIMAL, "parley: {lanes: 2}")).isNotEqualTo(before);
    assertThat(checksums(Chart.MINIMAL, "tokens: {jwtSecret: %s}".formatted("x".repeat(32))))
        .isNotEqualTo(before);
    assertThat(checksums(Chart.MINIMAL, "redis: {password: x}")).isNotEqualTo(before);
  }

  @Test
  void theMarkOfASecretCannotBeUsedToTryOutPasswords() {
    String bundled = "redis: {bundled: {enabled: true}, host: '', password: hunter2}";
    String issuer = "tokens: {jwtSecret: '', issuerUri: 'https://login.example'}";
    for (String values : List.of(bundled, bundled + "\n" + issuer)) {
      Manifests manifests = Manifests.of(Chart.MINIMAL, values);
      assertThat(manifests.text())
          .contains("checksum/secret: ")
          .doesNotContain(sha256("hunter2").substring(0, 12))
          .doesNotContain(sha256(Chart.SECRET + " hunter2").substring(0, 12))
          .doesNotContain(sha256(" hunter2").substring(0, 12));
    }
    // Without a key to hash with, what is shown fits too many passwords to confirm one.
    String mark =
        Manifests.of(Chart.MINIMAL, issuer, bundled)
            .deployment()
            .getSpec()
            .getTemplate()
            .getMetadata()
            .getAnnotations()
            .get("checksum/secret");
    assertThat(mark).hasSize(4);
    assertThat(checksums(Chart.MINIMAL, issuer, bundled))
        .isNotEqualTo(checksums(Chart.MINIMAL, issuer, bundled.replace("hunter2", "hunter3")));
  }

  @Test
  void aNewKeyOfTokensDoesNotRestartTheBundledRedis() {
    String redis = "redis: {bundled: {enabled: true}, host: '', password: hunter2}";
    String other = "tokens: {jwtSecret: another-secret-of-at-least-32-bytes-0123}";
    assertThat(redisMark(Chart.MINIMAL, redis)).isEqualTo(redisMark(Chart.MINIMAL, redis, other));
    assertThat(redisMark(Chart.MINIMAL, redis))
        .isNotEqualTo(redisMark(Chart.MINIMAL, redis.replace("hunter2", "hunter3")));
  }

  private static @Nullable String redisMark(String... values) {
    return Manifests.of(values)
        .templates()
        .getLast()
        .getMetadata()
        .getAnnotations()
        .get("checksum/secret");
  }

  private static String sha256(String text) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String checksums(String... values) {
    return Manifests.of(values)
        .deployment()
        .getSpec()
        .getTemplate()
        .getMetadata()
        .getAnnotations()
        .toString();
  }

  private static void assertProbe(Probe probe, String path) {
    assertThat(probe.getHttpGet().getPath()).isEqualTo(path);
    assertThat(probe.getHttpGet().getPort().getStrVal()).isEqualTo("management");
  }

  private static Container parley(PodSpec pod) {
    return pod.getContainers().getFirst();
  }

  private static List<PodSpec> pods(Manifests manifests) {
    List<PodSpec> pods =
        Stream.concat(
                manifests.templates().stream().map(PodTemplateSpec::getSpec),
                manifests.all(Pod.class).stream().map(Pod::getSpec))
            .toList();
    assertThat(pods).hasSizeGreaterThanOrEqualTo(2);
    return pods;
  }
}
