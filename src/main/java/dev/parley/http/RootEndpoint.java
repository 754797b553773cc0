package dev.parley.http;

import java.nio.charset.StandardCharsets;
import org.springframework.context.annotation.Profile;
import org.springframework.http.CacheControl;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** Says at {@code /} what this is, to whoever tries the address; under profile dev a page does. */
@RestController
@Profile("!dev")
class RootEndpoint {
  private static final byte[] ABOUT =
      """
      {"name":"Parley","about":"a real-time messaging server",\
      "webSocket":"/ws","rest":"/api/v1","openApi":"/v3/api-docs"}
      """
          .getBytes(StandardCharsets.UTF_8);

  @GetMapping(
      path = "/",
      headers = "Upgrade!=websocket",
      produces = MediaType.APPLICATION_JSON_VALUE)
  ResponseEntity<byte[]> about() {
    return ResponseEntity.ok()
        .contentType(MediaType.APPLICATION_JSON)
        .cacheControl(CacheControl.noStore())
        .body(ABOUT.clone());
  }
}
