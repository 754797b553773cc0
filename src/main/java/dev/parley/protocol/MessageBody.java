package dev.parley.protocol;

import org.jspecify.annotations.Nullable;

/**
 * Decodes a message that comes as the body of an HTTP request: {@code {content, name?, key?}}, as
 * strict and total as {@link ClientFrames}, by the same rules.
 */
public final class MessageBody {
  private MessageBody() {}

  /**
   * A {@link ClientFrame.Message} or {@link ClientFrame.Refused}.
   *
   * @param id 1–64 UTF-16 units, which the caller has checked
   */
  public static ClientFrame decode(RoomName room, @Nullable String id, byte[] body) {
    try {
      if (!Utf8.isValid(body, 0, body.length)) {
        throw Malformed.json();
      }
      FrameFields fields = new FrameFields(body, 0, body.length);
      String loneSurrogate = fields.loneSurrogate();
      if (loneSurrogate != null) {
        throw Malformed.field(loneSurrogate);
      }
      String name = fields.shortText(FrameField.NAME);
      String key = fields.shortText(FrameField.KEY);
      Content content = fields.content(FrameField.CONTENT);
      if (content == null) {
        throw Malformed.field(FrameField.CONTENT.pointer());
      }
      return new ClientFrame.Message(null, room, content, id, name, key, true);
    } catch (Malformed fault) {
      return new ClientFrame.Refused(fault.code(), null, id, room, fault.path());
    }
  }
}
