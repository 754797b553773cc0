package dev.parley.helm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What cannot work is refused before it reaches a cluster, with a word on what to do. */
@Tag("helm")
@Timeout(60)
class ChartRefusalTests {

  /** What Helm says names the value, as a path with slashes or dots. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "replicaCount: 3                                            | replicaCount",
        "replicas: two                                              | replicas",
        "replicas: -1                                               | replicas",
        "image: {tag: 7}                                            | image.tag",
        "image: {digest: sha256:abc}                                | image.digest",
        "image: {pullPolicy: Sometimes}                             | image.pullPolicy",
        "parley: {broker: kafka}                                    | parley.broker",
        "parley: {lanes: 65}                                        | parley.lanes",
        "parley: {drain: {window: 20}}                              | parley.drain.window",
        "parley: {drain: {window: 20 seconds}}                      | parley.drain.window",
        "parley: {history: {size: 1000001}}                         | parley.history.size",
        "parley: {websocket: {heartbeat: 25}}                       | parley.websocket.heartbeat",
        "parley: {websocket: {max-message: 64KB}}                   | max-message",
        "parley: {access: {jwt-secret: not in a config map}}        | jwt-secret",
        "parley: {access: {policies: [{allow: claim}]}}             | parley.access.policies.0",
        "parley: {access: {default-policy: everybody}}              | parley.access.default-policy",
        "tokens: {jwtSecret: 12345678901234567890}                  | tokens.jwtSecret",
        "tokens: {secret: x}                                        | secret",
        "tokens: {issuerUri: login.example}                         | tokens.issuerUri",
        "tokens: {publicKey: -----BEGIN PRIVATE KEY-----}           | tokens.publicKey",
        "redis: {host: redis://user:pass@redis}                     | redis.host",
        "redis: {port: 0}                                           | redis.port",
        "redis: {bundled: {maxmemory: 1Gi}}                         | redis.bundled.maxmemory",
        "redis: {bundled: {appendfsync: no}}                        | redis.bundled.appendfsync",
        "config: {parley: {lanes: 2}}                               | config.parley",
        "config: {server.port: 9000}                                | server.port",
        "config: {server: {port: 9000}}                             | config.server.port",
        "config: {management: {server: {port: 9000}}}               | config.management.server.port",
        "forwardedHeaders: framework                                | forwardedHeaders",
        "extraEnv: [{value: 1}]                                     | extraEnv.0",
        "maxSurge: 0                                                | maxSurge",
        "terminationGracePeriodSeconds: 45s                         | terminationGracePeriodSeconds",
        "resources: {requests: {memory: 1 GB}}                      | resources.requests.memory",
        "probes: {liveness: {path: /}}                              | path",
        "topologySpread: [{topologyKey: zone}]                      | topologySpread.0",
        "service: {type: ExternalName}                              | service.type",
        "service: {managementPort: 8081}                            | managementPort",
        "service: {sessionAffinity: Cookie}                         | service.sessionAffinity",
        "ingress: {hosts: [https://chat.example]}                   | ingress.hosts.0",
        "ingress: {paths: []}                                       | ingress.paths",
        "ingress: {stickiness: ip}                                  | ingress.stickiness",
        "ingress: {timeoutSeconds: 20}                              | ingress.timeoutSeconds",
        "ingress: {hashBy: '$remote_addr; deny all'}                | ingress.hashBy",
        "httpRoute: {parentRefs: [{namespace: gateways}]}           | httpRoute.parentRefs.0",
        "autoscaling: {minReplicas: 0}                              | autoscaling.minReplicas",
        "podDisruptionBudget: {maxUnavailable: 0}                   | podDisruptionBudget.maxUnavailable",
        "networkPolicy: {usersFrom: [{}]}                           | networkPolicy.usersFrom.0",
        "service: {loadBalancerSourceRanges: [example.org]}         | service.loadBalancerSourceRanges.0",
        "service: {externalTrafficPolicy: Nearby}                   | service.externalTrafficPolicy",
        "extraContainers: [{name: sidecar}]                         | extraContainers.0",
        "updateStrategy: {maxSurge: 1}                              | maxSurge",
        "redis: {bundled: {persistence: {accessModes: []}}}         | persistence.accessModes",
        "commonLabels: {shard: 1}                                   | commonLabels.shard",
        "monitoring: {serviceMonitor: {interval: 15}}               | monitoring.serviceMonitor.interval",
      })
  void theSchemaNamesWhatIsWrong(String values, String name) {
    assertThat(refusal(Chart.MINIMAL, values)).containsPattern(name.replaceAll("[./]", "[./]"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{loadBalancerSourceRanges: [192.0.2.0/24]}    | need service.type LoadBalancer",
        "{type: NodePort, loadBalancerClass: edge}     | need service.type LoadBalancer",
        "{nodePort: 30080}                             | need service.type NodePort",
        "{externalTrafficPolicy: Local}                | need service.type NodePort",
      })
  void fieldsThatAServiceOfThisTypeDoesNotHave(String service, String reason) {
    assertThat(refusal(Chart.MINIMAL, "service: " + service)).contains(reason);
  }

  @Test
  void aRollingUpdateOfTheEmbeddedBroker() {
    assertThat(
            refusal(
                Chart.MINIMAL,
                "{replicas: 1, parley: {broker: embedded}, updateStrategy: {type: RollingUpdate}}"))
        .contains("leave updateStrategy empty, or set updateStrategy.type=Recreate");
  }

  @Test
  void withoutTokenSettings() {
    assertThat(refusal("redis: {host: redis.example}"))
        .contains("Parley does not know which tokens to trust: set one of tokens.jwtSecret");
  }

  @Test
  void withTwoTokenSettings() {
    assertThat(refusal(Chart.MINIMAL, "tokens: {issuerUri: 'https://login.example'}"))
        .contains("set only one of tokens.jwtSecret, tokens.issuerUri")
        .doesNotContain(Chart.SECRET);
  }

  @Test
  void withAShortSecret() {
    assertThat(refusal(Chart.MINIMAL, "tokens: {jwtSecret: 'only 31 bytes: one is missing!!'}"))
        .contains("tokens.jwtSecret must have at least 32 bytes")
        .doesNotContain("one is missing");
  }

  @Test
  void withoutRedis() {
    assertThat(refusal(Chart.MINIMAL, "redis: {host: ''}"))
        .contains("set redis.host, or redis.bundled.enabled=true");
  }

  @Test
  void withTwoRedis() {
    assertThat(refusal(Chart.MINIMAL, "redis: {password: p, bundled: {enabled: true}}"))
        .contains("leave redis.host, redis.username, redis.database and redis.tls as they are");
  }

  @Test
  void withAnOpenBundledRedis() {
    assertThat(refusal(Chart.MINIMAL, "redis: {host: '', bundled: {enabled: true}}"))
        .contains("set redis.password or redis.existingSecret.name");
  }

  @Test
  void withTwoRedisPasswords() {
    assertThat(refusal(Chart.MINIMAL, "redis: {password: pw, existingSecret: {name: other}}"))
        .contains("Redis has one password");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {"replicas: 2", "{replicas: 1, autoscaling: {enabled: true}}"})
  void theEmbeddedBrokerWithMoreThanOneInstance(String values) {
    assertThat(refusal(Chart.MINIMAL, "parley: {broker: embedded}", values))
        .contains("set replicas=1 and autoscaling.enabled=false, or parley.broker=redis");
  }

  @Test
  void theEmbeddedBrokerWithABundledRedis() {
    assertThat(
            refusal(
                Chart.MINIMAL,
                "{replicas: 1, parley: {broker: embedded}, redis: {bundled: {enabled: true}}}"))
        .contains("parley.broker=embedded uses no Redis");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{drain: {window: 20s}}                            | 5 | 50",
        "{drain: {window: 500ms}}                          | 5 | 31",
        "{drain: {window: 2m}, presence: {grace: 0s}}      | 5 | 145",
        "{drain: {window: 10m}, presence: {grace: 1m}}     | 0 | 680",
      })
  void aGracePeriodThatIsTooShortToDrain(String parley, int preStop, int needed) {
    String values = "{parley: %s, preStopSeconds: %d, terminationGracePeriodSeconds: %d}";
    assertThat(refusal(Chart.MINIMAL, values.formatted(parley, preStop, needed - 1)))
        .contains("terminationGracePeriodSeconds is " + (needed - 1))
        .contains("it must be at least " + needed);
    assertThat(Chart.render(Chart.MINIMAL, values.formatted(parley, preStop, needed)))
        .contains("terminationGracePeriodSeconds: " + needed);
  }

  @Test
  void aWindowThatTheApplicationRefuses() {
    assertThat(refusal(Chart.MINIMAL, "parley: {drain: {window: 601s}}"))
        .contains("parley.drain.window is 601s, and must be from 0s to 10m");
  }

  @Test
  void anIngressWithoutAName() {
    assertThat(refusal(Chart.MINIMAL, "ingress: {enabled: true}")).contains("ingress.hosts");
  }

  @Test
  void aRouteWithoutAGateway() {
    assertThat(refusal(Chart.MINIMAL, "httpRoute: {enabled: true}"))
        .contains("httpRoute.parentRefs");
  }

  @Test
  void scalingOnNothing() {
    assertThat(refusal(Chart.MINIMAL, "autoscaling: {enabled: true, cpu: {enabled: false}}"))
        .contains("autoscaling.cpu.enabled, autoscaling.connections.enabled or");
  }

  @Test
  void scalingOnAShareOfNothing() {
    assertThat(
            refusal(
                Chart.MINIMAL,
                "{autoscaling: {enabled: true}, resources: {requests: {cpu: null}}}"))
        .contains("set resources.requests.cpu");
  }

  @Test
  void scalingFromMoreToFewer() {
    assertThat(
            refusal(Chart.MINIMAL, "autoscaling: {enabled: true, minReplicas: 5, maxReplicas: 4}"))
        .contains("autoscaling.minReplicas must not be greater");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{spring: {data: {redis: {password: hunter2}}}}",
        "{spring: {datasource: [{some-secret: hunter2}]}}",
        "{spring: {data: {redis: {url: 'redis://user:hunter2@redis'}}}}",
        "{spring: {a: {SPRING.B.PASSWORD: hunter2}}}",
      })
  void aSecretInTheConfigMap(String config) {
    assertThat(refusal(Chart.MINIMAL, "config: " + config))
        .contains("config becomes a ConfigMap")
        .doesNotContain("hunter2");
  }

  @Test
  void aKubernetesThatIsTooOld() {
    assertThatIllegalStateException()
        .isThrownBy(() -> Chart.notes("1.29.9", Chart.MINIMAL))
        .withMessageContaining(">=1.30.0-0");
    assertThat(Chart.notes("1.30.0", Chart.MINIMAL)).isNotEmpty();
  }

  private static String refusal(String... values) {
    try {
      Chart.render(values);
    } catch (IllegalStateException refused) {
      return String.valueOf(refused.getMessage());
    }
    throw new AssertionError("It was not refused.");
  }
}
