package dev.parley.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.parley.access.OriginPattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.mock.web.MockHttpServletRequest;

class OriginCheckTests {

  @ParameterizedTest
  @CsvSource(
      nullValues = "-",
      value = {
        "-, http, chat.example.org, 80, true",
        "http://chat.example.org, http, chat.example.org, 80, true",
        "http://chat.example.org:80, http, chat.example.org, 80, true",
        "HTTP://Chat.Example.Org, http, chat.example.org, 80, true",
        "https://chat.example.org, https, chat.example.org, 443, true",
        "https://chat.example.org, http, chat.example.org, 80, false",
        "http://chat.example.org:8080, http, chat.example.org, 80, false",
        "http://chat.example.org, http, chat.example.org, 8080, false",
        "http://example.org, http, chat.example.org, 80, false",
        "http://chat.example.org.evil.org, http, chat.example.org, 80, false",
        "http://chat.example.org@evil.org, http, chat.example.org, 80, false",
        "http://chat.example.org/, http, chat.example.org, 80, false",
        "http://[::1]:8080, http, [::1], 8080, true",
        "http://[::1]:8080, http, ::1, 8080, true",
        "http://[::2]:8080, http, ::1, 8080, false",
        "https://chat.example.org, wss, chat.example.org, 443, true",
        "https://chat.example.org, WSS, chat.example.org, 443, true",
        "http://chat.example.org, ws, chat.example.org, 80, true",
        "http://chat.example.org, wss, chat.example.org, 443, false",
        "null, http, chat.example.org, 80, false",
        "*, http, chat.example.org, 80, false",
        "'', http, chat.example.org, 80, false"
      })
  void onlyTheServicesOwnOriginPassesUnlessConfigured(
      @Nullable String origin, String scheme, String host, int port, boolean passes) {
    assertThat(check().allows(request(origin, scheme, host, port))).isEqualTo(passes);
  }

  @ParameterizedTest
  @CsvSource({
    "http://localhost:*, http://localhost:5173, true",
    "http://localhost:*, http://localhost, true",
    "http://localhost:*, https://localhost:5173, false",
    "http://localhost:*, http://localhost.evil.org:5173, false",
    "http://localhost:*, http://localhost:99999999, false",
    "https://example.org, https://example.org:443, true",
    "https://EXAMPLE.org, https://example.org, true",
    "https://example.org, https://www.example.org, false",
    "https://example.org:8443, https://example.org, false",
    "capacitor://localhost, capacitor://localhost, true",
    "capacitor://localhost, capacitor://localhost:1, false",
    "capacitor://localhost, ionic://localhost, false",
    "capacitor://localhost, http://localhost, false",
    "chrome-extension://abc, chrome-extension://abc, true",
    "chrome-extension://abc, chrome-extension://abd, false",
    "app://., app://., true",
    "app://., app://x, false",
    "file://, file://, true",
    "file://, file:///, false",
    "file://, null, false",
    "null, null, true",
    "null, http://evil.org, false",
    "*, http://evil.org, true",
    "*, null, true"
  })
  void configuredOriginsPass(String pattern, String origin, boolean passes) {
    assertThat(check(pattern).allows(request(origin, "http", "chat.example.org", 80)))
        .isEqualTo(passes);
  }

  @Test
  void twoOriginsAreNoOrigin() {
    MockHttpServletRequest request = request("http://localhost:1", "http", "localhost", 1);
    request.addHeader("Origin", "http://localhost:1");
    assertThat(check("*").allows(request)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "example.org",
        "https://example.org/",
        "https://*.org",
        "http://a:b",
        "http://",
        "wss://",
        "HTTPS://",
        "file:",
        "app://*",
        "a://b c"
      })
  void refusesToStartWithWhatIsNoOrigin(String pattern) {
    assertThatIllegalArgumentException().isThrownBy(() -> OriginPattern.valueOf(pattern));
  }

  private static OriginCheck check(String... patterns) {
    return new OriginCheck(Stream.of(patterns).map(OriginPattern::valueOf).toList());
  }

  private static MockHttpServletRequest request(
      @Nullable String origin, String scheme, String host, int port) {
    MockHttpServletRequest request = new MockHttpServletRequest("GET", "/ws");
    request.setScheme(scheme);
    request.setServerName(host);
    request.setServerPort(port);
    if (origin != null) {
      request.addHeader("Origin", origin);
    }
    return request;
  }
}
