package dev.parley.room;

import dev.parley.protocol.RoomName;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Rooms.
 *
 * @param defaultName the room that is meant if a frame names none; a room's name
 */
@ConfigurationProperties("parley.room")
public record RoomProperties(@DefaultValue("lobby") String defaultName) {

  /**
   * @throws IllegalArgumentException if it is no room name
   */
  public RoomProperties {
    if (!RoomName.isValid(defaultName)) {
      throw new IllegalArgumentException(
          "parley.room.default-name must be 1-128 characters of A-Z a-z 0-9 . _ : ~ @ | + = -");
    }
  }
}
