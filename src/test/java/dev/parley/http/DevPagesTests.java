package dev.parley.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.get;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.springframework.mock.web.MockHttpServletResponse;
import org.springframework.test.web.servlet.MockMvc;
import org.springframework.test.web.servlet.setup.MockMvcBuilders;

class DevPagesTests {
  private final MockMvc mvc = MockMvcBuilders.standaloneSetup(new DevPages()).build();

  @Test
  void servesTheChatPageUncached() throws Exception {
    MockHttpServletResponse response = mvc.perform(get("/")).andReturn().getResponse();

    assertThat(response.getStatus()).isEqualTo(200);
    assertThat(response.getContentType()).isEqualTo("text/html;charset=UTF-8");
    assertThat(response.getHeader("Cache-Control")).isEqualTo("no-store");
    assertThat(response.getContentAsString()).startsWith("<!doctype html>").contains("parley.v1");
  }

  @Test
  void policyAllowsThePagesOwnScriptAndStyleByHashAndNothingElseInline() throws Exception {
    MockHttpServletResponse response = mvc.perform(get("/")).andReturn().getResponse();
    String page = response.getContentAsString();

    assertThat(response.getHeader("Content-Security-Policy"))
        .contains("default-src 'none'")
        .contains("script-src 'sha256-" + hash(page, "script") + "';")
        .contains("style-src 'sha256-" + hash(page, "style") + "';")
        .doesNotContain("unsafe");
    assertThat(page).doesNotContainPattern("<[^>]+ style=").doesNotContainPattern("<[^>]+ on\\w+=");
  }

  @Test
  void loadsNothingFromElsewhere() throws Exception {
    String page = mvc.perform(get("/")).andReturn().getResponse().getContentAsString();

    assertThat(page).doesNotContainPattern("(src|href)=\"(?!data:)").doesNotContain("@import");
  }

  @Test
  void leavesAnUpgradeToTheWebSocketHandlers() throws Exception {
    MockHttpServletResponse response =
        mvc.perform(get("/").header("Upgrade", "websocket")).andReturn().getResponse();

    assertThat(response.getStatus()).isEqualTo(404);
  }

  private static String hash(String page, String tag) throws Exception {
    String text =
        page.substring(page.indexOf("<" + tag + ">") + tag.length() + 2, page.indexOf("</" + tag));
    byte[] digest =
        MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
    return Base64.getEncoder().encodeToString(digest);
  }
}
