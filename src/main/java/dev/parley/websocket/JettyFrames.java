package dev.parley.websocket;

import dev.parley.protocol.CloseCode;
import java.nio.ByteBuffer;
import org.eclipse.jetty.websocket.core.CloseStatus;
import org.eclipse.jetty.websocket.core.Frame;

/** Jetty's frames in our terms. */
final class JettyFrames {

  private JettyFrames() {}

  /** A copy of what the frame carries, unmasked. */
  static byte[] payload(Frame frame) {
    ByteBuffer payload = frame.getPayload();
    byte[] bytes = new byte[payload == null ? 0 : payload.remaining()];
    if (payload != null) {
      payload.duplicate().get(bytes);
    }
    return bytes;
  }

  /** What the peer closed with, as far as the metrics tell it apart. */
  static CloseCode closeCode(Frame close) {
    CloseStatus status = CloseStatus.getCloseStatus(close);
    return status != null && status.getCode() == CloseStatus.SHUTDOWN
        ? CloseCode.GOING_AWAY
        : CloseCode.NORMAL;
  }
}
