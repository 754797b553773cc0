package dev.parley.helm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.groups.Tuple.tuple;

import dev.parley.support.RedisProcess;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EnvVarSource;
import io.fabric8.kubernetes.api.model.Secret;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.assertj.core.groups.Tuple;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What the instances are told, and by which way: settings by a ConfigMap, secrets by a Secret. */
@Tag("helm")
@Timeout(60)
class ChartSettingsTests {

  @Test
  void theSchemaKnowsEverySettingOfParley() throws Exception {
    JsonNode schema = new JsonMapper().readTree(Chart.read("values.schema.json"));
    Set<String> known = new TreeSet<>(Set.of("access.jwt-secret"));
    leaves("", schema.path("properties").path("parley"), known);
    Set<String> settings = new TreeSet<>();
    String text = Files.readString(Path.of("src/main/resources/application.yml"));
    String uncommented = text.replaceAll("(?m)^( *)#(?=\\S)", "$1");
    leaves("", Chart.map(uncommented).getOrDefault("parley", Map.of()), settings);
    assertThat(known).isEqualTo(settings);
  }

  @Test
  void settingsOfParleyAndOthersReachTheInstancesAsTheyAre() {
    Map<String, Object> settings =
        Manifests.of(
                Chart.MINIMAL,
                """
                parley:
                  history: {size: 1000000}
                  access:
                    allowed-origins: ["https://example.org"]
                    policies: [{rooms: "chat:*", allow: anonymous}]
                config:
                  logging: {level: {dev.parley: debug}}
                  spring: {data: {redis: {timeout: 2s}}}
                """)
            .settings();
    assertThat(Manifests.at(settings, "parley", "broker")).isEqualTo("redis");
    assertThat(Manifests.at(settings, "parley", "history", "size")).isEqualTo(1_000_000);
    assertThat(Manifests.at(settings, "parley", "access", "allowed-origins"))
        .isEqualTo(List.of("https://example.org"));
    assertThat(Manifests.at(settings, "parley", "access", "policies"))
        .isEqualTo(List.of(Map.of("rooms", "chat:*", "allow", "anonymous")));
    assertThat(Manifests.at(settings, "logging", "level", "dev.parley")).isEqualTo("debug");
    assertThat(Manifests.at(settings, "spring", "data", "redis"))
        .isEqualTo(Map.of("host", "redis.example", "port", 6379, "database", 0, "timeout", "2s"));
  }

  @Test
  void anExternalRedisIsReachedByTlsWithItsOwnAuthority() {
    Manifests manifests = Manifests.of(ValueSet.EXTERNAL_REDIS_WITH_TLS.yaml());
    Map<String, Object> settings = manifests.settings();
    assertThat(Manifests.at(settings, "spring", "data", "redis"))
        .isEqualTo(
            Map.of(
                "host",
                "redis.example",
                "port",
                6380,
                "database",
                2,
                "username",
                "parley",
                "ssl",
                Map.of("enabled", true, "bundle", "redis")));
    assertThat(Manifests.at(settings, "spring", "ssl", "bundle", "pem", "redis", "truststore"))
        .isEqualTo(Map.of("certificate", "file:/etc/parley-redis/ca.crt"));
    assertThat(manifests.pod().getVolumes().getLast().getSecret().getItems())
        .extracting(item -> item.getKey(), item -> item.getPath())
        .containsExactly(tuple("root.pem", "ca.crt"));
    assertThat(secrets(manifests))
        .contains(tuple("SPRING_DATA_REDIS_PASSWORD", "redis-auth", "redis-password"));
  }

  @Test
  void keysOfAnIssuerAreNoSecret() {
    String[] jwt = {"spring", "security", "oauth2", "resourceserver", "jwt"};
    assertThat(Manifests.at(Manifests.of(ValueSet.ISSUER.yaml()).settings(), jwt))
        .isEqualTo(Map.of("issuer-uri", "https://login.example:8443/realms/main"));
    assertThat(Manifests.at(Manifests.of(ValueSet.KEY_SET.yaml()).settings(), jwt))
        .isEqualTo(Map.of("jwk-set-uri", "https://login.example/keys"));
    Manifests key = Manifests.of(ValueSet.PUBLIC_KEY.yaml());
    assertThat(Manifests.at(key.settings(), jwt))
        .isEqualTo(Map.of("public-key-location", "file:/etc/parley/public-key.pem"));
    assertThat(key.main(ConfigMap.class).getData().get("public-key.pem"))
        .startsWith("-----BEGIN PUBLIC KEY-----\n")
        .contains("\n-----END PUBLIC KEY-----\n");
    assertThat(key.has("Secret")).isFalse();
  }

  @Test
  void secretsAreInTheSecretAndNowhereElse() {
    Manifests manifests = Manifests.of(ValueSet.EVERYTHING.yaml());
    assertThat(manifests.main(Secret.class).getData())
        .isEqualTo(
            Map.of(
                "jwt-secret", base64(Chart.SECRET),
                "redis-password", base64("not for everybody")));
    assertThat(manifests.text()).doesNotContain(Chart.SECRET, "not for everybody");
    assertThat(manifests.text()).containsOnlyOnce(base64(Chart.SECRET));
    assertThat(manifests.text()).containsOnlyOnce(base64("not for everybody"));
    assertThat(secrets(manifests))
        .containsExactly(
            tuple("PARLEY_ACCESS_JWT_SECRET", Manifests.NAME, "jwt-secret"),
            tuple("SPRING_DATA_REDIS_PASSWORD", Manifests.NAME, "redis-password"));
  }

  @Test
  void existingSecretsAreTakenAsTheyAre() {
    Manifests token = Manifests.of(ValueSet.EXISTING_SECRET.yaml());
    assertThat(token.has("Secret")).isFalse();
    assertThat(secrets(token))
        .containsExactly(tuple("PARLEY_ACCESS_JWT_SECRET", "parley-jwt", "hmac"));
    Manifests redis = Manifests.of(ValueSet.BUNDLED_REDIS_WITHOUT_A_VOLUME.yaml());
    assertThat(secrets(redis))
        .contains(tuple("SPRING_DATA_REDIS_PASSWORD", "redis-auth", "password"));
    assertThat(redis.templates().getLast().getSpec().getContainers().getFirst().getEnv())
        .extracting(ChartSettingsTests::secret)
        .containsExactly(tuple("REDISCLI_AUTH", "redis-auth", "password"));
  }

  @Test
  void theWordOfAProxyCountsOnlyWhereThereIsOne() {
    assertThat(forwarded(Chart.MINIMAL)).isEqualTo("none");
    assertThat(forwarded(ValueSet.INGRESS_WITH_COOKIE.yaml())).isEqualTo("native");
    assertThat(forwarded(ValueSet.GATEWAY.yaml())).isEqualTo("none");
    assertThat(forwarded(Chart.MINIMAL, "forwardedHeaders: native")).isEqualTo("native");
  }

  /** Where and how much it keeps is said by values. */
  @Test
  void theBundledRedisHasTheSettingsOfCompose() throws Exception {
    ConfigMap redis =
        Manifests.of(ValueSet.BUNDLED_REDIS.yaml())
            .named(ConfigMap.class, Manifests.NAME + "-redis");
    Set<String> compose = directives(Files.readString(RedisProcess.CONFIGURATION));
    compose.removeIf(line -> line.startsWith("maxmemory "));
    compose.addAll(Set.of("dir /data", "maxmemory 512mb"));
    assertThat(directives(Manifests.entry(redis, "redis.conf"))).isEqualTo(compose);
  }

  @Test
  void theImageTakesOptionsAndRunsAsTheUserThatTheChartSays() throws Exception {
    EnvVar options =
        Manifests.of(Chart.MINIMAL, "javaOptions: -Xmx512m")
            .pod()
            .getContainers()
            .getFirst()
            .getEnv()
            .stream()
            .filter(variable -> "-Xmx512m".equals(variable.getValue()))
            .findAny()
            .orElseThrow();
    assertThat(Files.readString(Path.of("src/main/image/entrypoint")))
        .contains("${" + options.getName() + ":-}");
    var user = Manifests.of(Chart.MINIMAL).pod().getSecurityContext();
    assertThat(Files.readString(Path.of("Dockerfile")))
        .contains("\nUSER %d:%d\n".formatted(user.getRunAsUser(), user.getRunAsGroup()));
  }

  private static Set<String> directives(String configuration) {
    Set<String> directives = new TreeSet<>();
    configuration
        .lines()
        .filter(line -> !line.isBlank() && !line.startsWith("#"))
        .forEach(directives::add);
    return directives;
  }

  private static Object forwarded(String... values) {
    return String.valueOf(
        Manifests.at(Manifests.of(values).settings(), "server", "forward-headers-strategy"));
  }

  /** Variables that come from Secrets: name, Secret, entry. */
  private static List<Tuple> secrets(Manifests manifests) {
    return manifests.pod().getContainers().getFirst().getEnv().stream()
        .filter(variable -> variable.getValueFrom() != null)
        .map(ChartSettingsTests::secret)
        .toList();
  }

  private static Tuple secret(EnvVar variable) {
    EnvVarSource source = variable.getValueFrom();
    return tuple(
        variable.getName(), source.getSecretKeyRef().getName(), source.getSecretKeyRef().getKey());
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Of a schema: what has no properties of its own. */
  private static void leaves(String path, JsonNode schema, Set<String> found) {
    if (!schema.has("properties")) {
      found.add(path);
    }
    schema
        .path("properties")
        .properties()
        .forEach(entry -> leaves(join(path, entry.getKey()), entry.getValue(), found));
  }

  /** Of settings: what is no map. */
  private static void leaves(String path, Object settings, Set<String> found) {
    if (settings instanceof Map<?, ?> map) {
      map.forEach((key, value) -> leaves(join(path, String.valueOf(key)), value, found));
    } else {
      found.add(path);
    }
  }

  private static String join(String path, String key) {
    return path.isEmpty() ? key : path + "." + key;
  }
}
