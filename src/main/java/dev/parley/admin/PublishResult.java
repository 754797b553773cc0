package dev.parley.admin;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.parley.http.Published;
import dev.parley.protocol.ErrorCode;
import dev.parley.protocol.RoomName;
import dev.parley.protocol.ServerFrame;
import org.jspecify.annotations.Nullable;

/**
 * What became of one message of a request that carries several: the fields of an `ack`, or a `code`
 * with its text.
 *
 * @param error for people
 * @param path JSON Pointer of the message, or of its room, in the body
 * @param retryAfterMs after which the message may be accepted; null if nobody knows
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record PublishResult(
    String room,
    @Nullable Long offset,
    @Nullable String epoch,
    @Nullable Long timestamp,
    @Nullable Boolean duplicate,
    @Nullable String code,
    @Nullable String error,
    @Nullable String path,
    @Nullable Long retryAfterMs) {

  static PublishResult of(RoomName room, ServerFrame answer, String path) {
    if (answer instanceof ServerFrame.Ack ack) {
      Published place = Published.of(ack);
      return new PublishResult(
          place.room(),
          place.offset(),
          place.epoch(),
          place.timestamp(),
          place.duplicate(),
          null,
          null,
          null,
          null);
    }
    return answer instanceof ServerFrame.Failure failure
        ? refused(room, failure.code(), path, failure.retryAfterMs())
        : refused(room, ErrorCode.INTERNAL, path, null);
  }

  static PublishResult refused(
      RoomName room, ErrorCode code, String path, @Nullable Long retryAfterMs) {
    return new PublishResult(
        room.value(), null, null, null, null, code.wireName(), code.text(), path, retryAfterMs);
  }
}
