package dev.parley.http;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.springframework.context.annotation.Profile;
import org.springframework.core.io.ClassPathResource;
import org.springframework.http.CacheControl;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * The chat page of profile {@code dev} at {@code /}. Its one script and one style sheet stand in
 * the page and are allowed by their hashes alone, which are taken once at start.
 */
@RestController
@Profile("dev")
class DevPages {
  private final String page;
  private final String policy;

  DevPages() {
    page = read("pages/chat.html");
    policy = policy(page);
  }

  /** An upgrade of the same path is not for us: it goes on to the WebSocket handlers. */
  @GetMapping(path = "/", headers = "Upgrade!=websocket", produces = MediaType.TEXT_HTML_VALUE)
  ResponseEntity<String> chat() {
    return ResponseEntity.ok()
        .contentType(new MediaType(MediaType.TEXT_HTML, StandardCharsets.UTF_8))
        .cacheControl(CacheControl.noStore())
        .header("Content-Security-Policy", policy)
        .header("Referrer-Policy", "no-referrer")
        .header("X-Content-Type-Options", "nosniff")
        .body(page);
  }

  /**
   * Nothing but what the page is made of. {@code connect-src 'self'} alone does not cover {@code
   * ws:} in every browser, hence the loopback addresses that profile {@code dev} listens on.
   */
  private static String policy(String page) {
    return String.join(
        "; ",
        "default-src 'none'",
        "script-src " + hash(page, "script"),
        "style-src " + hash(page, "style"),
        "img-src data:",
        "connect-src 'self' ws://localhost:* ws://127.0.0.1:*",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'");
  }

  /** The CSP source of what stands between the page's only such tags. */
  private static String hash(String page, String tag) {
    Matcher element =
        Pattern.compile("<" + tag + ">(.*?)</" + tag + ">", Pattern.DOTALL).matcher(page);
    if (!element.find()) {
      throw new IllegalStateException("pages/chat.html has no <" + tag + ">");
    }
    byte[] text = element.group(1).getBytes(StandardCharsets.UTF_8);
    return "'sha256-" + Base64.getEncoder().encodeToString(sha256(text)) + "'";
  }

  private static byte[] sha256(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  private static String read(String path) {
    try {
      return new ClassPathResource(path).getContentAsString(StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(path + " cannot be read", e);
    }
  }
}
