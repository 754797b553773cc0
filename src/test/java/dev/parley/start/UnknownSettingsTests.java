package dev.parley.start;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.access.AccessProperties;
import dev.parley.security.HttpProperties;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

class UnknownSettingsTests {
  private static final KnownSettings KNOWN =
      new KnownSettings(
          List.of(AccessProperties.class, HttpProperties.class),
          Set.of("parley.broker", "parley.lanes"));

  private final StandardEnvironment environment = new StandardEnvironment();

  private UnknownSettings withVariables(Map<String, Object> variables) {
    environment
        .getPropertySources()
        .replace(
            StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME,
            new SystemEnvironmentPropertySource(
                StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME, variables));
    return new UnknownSettings(environment);
  }

  private UnknownSettings withFile(Map<String, Object> settings) {
    environment.getPropertySources().addLast(new MapPropertySource("a file", settings));
    return withVariables(Map.of());
  }

  @ParameterizedTest
  @CsvSource({
    "PARLEY_ACCESS_ANONYMUS, parley.access.anonymous",
    "PARLEY_ACCESS_JWT_SECRTE, parley.access.jwt-secret",
    "PARLEY_ACCESS_POLICIES_0_ROOM, parley.access.policies[0].rooms",
    "PARLEY_LANE, parley.lanes",
    "PARLEY_BROCKER, parley.broker",
    "PARLEY_HTTP_PATIENTS, parley.http.patience"
  })
  void aVariableWithASlipFailsTheStartWithTheNearestName(String variable, String nearest) {
    UnknownSettings settings = withVariables(Map.of(variable, "1"));
    assertThatThrownBy(() -> settings.check(KNOWN))
        .isInstanceOf(SettingException.class)
        .hasMessageContaining(variable)
        .hasMessageContaining("The nearest is " + nearest + ".");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "PARLEY_HOME",
        "PARLEY_JAVA",
        "PARLEY_VERSION",
        "PARLEY_SERVICE_HOST",
        "PARLEY_PORT",
        "PARLEY_PORT_80_TCP_ADDR",
        "PARLEY_HTTP_SERVICE_HOST",
        "PARLEY_HTTP_SERVICE_PORT",
        "PARLEY_HTTP_SERVICE_PORT_HTTP",
        "PARLEY_HTTP_PORT",
        "PARLEY_HTTP_PORT_8080_TCP",
        "PARLEY_HTTP_PORT_8080_TCP_PROTO"
      })
  void aVariableOfSomebodyElseIsLeftAlone(String variable) {
    UnknownSettings settings = withVariables(Map.of(variable, "1"));
    assertThatCode(() -> settings.check(KNOWN)).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "PARLEY_ACCESS_JWT_SECRET",
        "PARLEY_ACCESS_JWTSECRET",
        "PARLEY_ACCESS_HOSTS_0",
        "PARLEY_ACCESS_POLICIES",
        "PARLEY_ACCESS_POLICIES_12_PUBLISHWITHOUTJOIN",
        "PARLEY_BROKER"
      })
  void everySpellingOfAVariableIsKnown(String variable) {
    UnknownSettings settings = withVariables(Map.of(variable, "1"));
    assertThatCode(() -> settings.check(KNOWN)).doesNotThrowAnyException();
  }

  @Test
  void anythingElseThatIsNoSettingFailsTheStart() {
    UnknownSettings settings =
        withFile(Map.of("parley.home", "1", "parley.acess.anonymous", "true"));
    assertThatThrownBy(() -> settings.check(KNOWN))
        .hasMessageContaining("parley.home (")
        .hasMessageContaining("parley.acess.anonymous (")
        .hasMessageContaining("The nearest is parley.access.anonymous.");
  }

  @Test
  void allThatIsKnownPasses() {
    UnknownSettings settings =
        withFile(
            Map.of(
                "parley.access.jwtSecret", "1",
                "parley.access.policies[3].allow", "claim",
                "parley.access.allowed-origins", "*",
                // A section whose settings are all commented out.
                "parley.http", "",
                "parleys.other", "1"));
    assertThatCode(() -> settings.check(KNOWN)).doesNotThrowAnyException();
  }
}
