package dev.parley.http;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.parley.protocol.ServerFrame;
import org.jspecify.annotations.Nullable;

/**
 * Where a message is in its room: the fields of an {@code ack}.
 *
 * @param timestamp Unix milliseconds, clock of the instance that took it
 * @param duplicate true if its id was there already, and this is the first one's place; else null
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Published(
    String room, long offset, String epoch, long timestamp, @Nullable Boolean duplicate) {

  public static Published of(ServerFrame.Ack ack) {
    return new Published(
        ack.room().value(),
        ack.offset(),
        ack.epoch().toString(),
        ack.timestamp(),
        ack.duplicate() ? true : null);
  }
}
