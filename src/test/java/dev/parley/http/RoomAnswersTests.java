package dev.parley.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.protocol.ErrorCode;
import dev.parley.protocol.ServerFrame;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.http.ResponseEntity;

class RoomAnswersTests {

  @ParameterizedTest
  @CsvSource({
    "INVALID_ROOM, 400, -",
    "FORBIDDEN, 403, -",
    "ID_CONFLICT, 409, -",
    "TOO_LARGE, 413, -",
    "INVALID_MESSAGE, 400, -",
    "RATE_LIMITED, 429, 2",
    "BROKER_UNAVAILABLE, 503, 2",
    "UNCONFIRMED, 503, 2",
    "INTERNAL, 500, -"
  })
  void failuresHaveTheStatusOfTheProtocol(ErrorCode code, int status, String retryAfter) {
    Long wait = retryAfter.equals("-") ? null : 1_500L;
    ResponseEntity<byte[]> answer =
        RoomAnswers.of(new ServerFrame.Failure(null, null, null, code, null, wait));
    assertThat(answer.getStatusCode().value()).isEqualTo(status);
    assertThat(answer.getHeaders().getFirst("Retry-After"))
        .isEqualTo(wait == null ? null : retryAfter);
    assertThat(new String(answer.getBody(), StandardCharsets.UTF_8))
        .contains("\"code\":\"" + code.wireName() + "\"");
  }
}
