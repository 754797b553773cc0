package dev.parley.http;

import jakarta.servlet.http.HttpServletRequest;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.Enumeration;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;

/**
 * Says in so many words that a body is compressed, or is not in UTF-8. Else it would be refused as
 * broken JSON.
 */
final class BodyCoding {
  private static final String IDENTITY = "identity";
  private static final String CHUNKED = "chunked";

  private BodyCoding() {}

  /**
   * @throws RefusedException if the body is not plain JSON in UTF-8
   */
  static void check(HttpServletRequest request) {
    if (isOther(request.getHeaders(HttpHeaders.CONTENT_ENCODING), IDENTITY)
        || isOther(request.getHeaders(HttpHeaders.TRANSFER_ENCODING), CHUNKED)) {
      throw RefusedException.unsupported(
          "A body without compression is expected", HttpHeaders.ACCEPT_ENCODING, IDENTITY);
    }
    Charset charset = charset(request.getContentType());
    if (!charset.equals(StandardCharsets.UTF_8) && !charset.equals(StandardCharsets.US_ASCII)) {
      throw RefusedException.unsupported(
          "JSON in UTF-8 is expected", HttpHeaders.ACCEPT, MediaType.APPLICATION_JSON_VALUE);
    }
  }

  private static boolean isOther(Enumeration<String> values, String plain) {
    return Collections.list(values).stream()
        .anyMatch(value -> !value.isBlank() && !value.strip().equalsIgnoreCase(plain));
  }

  private static Charset charset(String contentType) {
    Charset charset = MediaType.parseMediaType(contentType).getCharset();
    return charset == null ? StandardCharsets.UTF_8 : charset;
  }
}
