package dev.parley.websocket;

import dev.parley.connection.Connection;
import dev.parley.protocol.CloseCode;
import dev.parley.protocol.Utf8;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.eclipse.jetty.websocket.core.Frame;
import org.eclipse.jetty.websocket.core.OpCode;
import org.jspecify.annotations.Nullable;

/**
 * Puts messages together from data frames, bounded over all fragments, and checks that text is
 * UTF-8 (RFC 6455, section 8.1) as it comes in. What it holds grows with what has arrived, not with
 * what a header claims, and only while a message is incomplete.
 */
final class MessageAssembler {
  private final SelectorLane lane;
  private final Connection connection;
  private final long maxBytes;
  private byte @Nullable [] partial;
  private int length;
  private boolean text;
  private Utf8.@Nullable Validator validator;

  MessageAssembler(SelectorLane lane, Connection connection, long maxBytes) {
    this.lane = lane;
    this.connection = connection;
    this.maxBytes = maxBytes;
  }

  /**
   * Takes a data frame and hands the message over where it is complete; else the code to close
   * with.
   */
  @Nullable CloseCode accept(Frame frame) {
    ByteBuffer payload = frame.getPayload();
    int size = payload == null ? 0 : payload.remaining();
    lane.counters().addReceived(size);
    if (frame.getOpCode() != OpCode.CONTINUATION) {
      text = frame.getOpCode() == OpCode.TEXT;
    }
    if (length + (long) size > maxBytes) {
      return CloseCode.TOO_BIG;
    }
    if (frame.isFin() && partial == null) {
      byte[] bytes = lane.scratch(size);
      if (payload != null) {
        payload.get(bytes, 0, size);
      }
      if (text && !Utf8.isValid(bytes, 0, size)) {
        return CloseCode.INVALID_UTF8;
      }
      handOver(bytes, size);
      return null;
    }
    return append(payload, size, frame.isFin());
  }

  private @Nullable CloseCode append(@Nullable ByteBuffer payload, int size, boolean last) {
    byte[] bytes = partial == null ? new byte[Math.max(size, 512)] : partial;
    if (bytes.length - length < size) {
      bytes =
          Arrays.copyOf(
              bytes, (int) Math.min(maxBytes, Math.max(bytes.length * 2L, length + size)));
    }
    if (payload != null) {
      payload.get(bytes, length, size);
    }
    partial = bytes;
    if (text) {
      if (validator == null) {
        validator = new Utf8.Validator();
      }
      if (!validator.accept(bytes, length, size) || (last && !validator.isComplete())) {
        return CloseCode.INVALID_UTF8;
      }
    }
    length += size;
    if (last) {
      int whole = length;
      partial = null;
      validator = null;
      length = 0;
      handOver(bytes, whole);
    }
    return null;
  }

  private void handOver(byte[] bytes, int size) {
    if (text) {
      connection.text(bytes, 0, size);
    } else {
      connection.binary(bytes, 0, size);
    }
  }
}
