package dev.parley.websocket;

import dev.parley.connection.Connection;
import dev.parley.protocol.CloseCode;
import dev.parley.protocol.Utf8;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.websocket.core.Frame;
import org.eclipse.jetty.websocket.core.OpCode;
import org.jspecify.annotations.Nullable;

/**
 * Puts messages together from data frames, bounded over all fragments, and checks that text is
 * UTF-8 (RFC 6455, section 8.1) as it comes in. What it holds grows with what has arrived, not with
 * what a header claims, and only while a message is incomplete; it counts as the connection's.
 *
 * <p>A message has to be complete in time: in {@code parley.websocket.message-timeout}, and a
 * second more for each {@value #BYTES_PER_SECOND} bytes that have come, so that nothing is held for
 * ever, and slow networks are fast enough.
 */
final class MessageAssembler {
  private static final int BYTES_PER_SECOND = 1_024;
  private static final int LEAST_BYTES = 512;
  private static final byte[] NOTHING = {};

  private final SelectorLane lane;
  private final Connection connection;
  private final long maxBytes;
  private final long timeout;
  private byte @Nullable [] partial;
  private int length;
  private boolean begun;
  private long begunAt;
  private boolean text;
  private Utf8.@Nullable Validator validator;

  MessageAssembler(SelectorLane lane, Connection connection, MessageLimits limits) {
    this.lane = lane;
    this.connection = connection;
    this.maxBytes = limits.maxBytes();
    this.timeout = limits.timeout().toNanos();
  }

  /** Whether a message is incomplete though it should not be by now. */
  boolean isLate(long now) {
    return begun && now - begunAt - timeout > TimeUnit.SECONDS.toNanos(length) / BYTES_PER_SECOND;
  }

  /** Nothing more will come. */
  void discard() {
    if (partial != null) {
      connection.release(partial.length);
    }
    partial = null;
    validator = null;
    length = 0;
    begun = false;
  }

  /**
   * Makes room for a data frame, if it is needed; false if the instance or the user holds too much
   * at present, so that the frame cannot be {@linkplain #accept accepted} yet.
   */
  boolean prepare(Frame frame) {
    int size = frame.getPayloadLength();
    boolean whole = frame.isFin() && partial == null;
    if (whole || length + (long) size > maxBytes) {
      return true;
    }
    if (!begun) {
      begun = true;
      begunAt = System.nanoTime();
    }
    return grow(size);
  }

  /**
   * Takes a data frame that was {@linkplain #prepare prepared} for, and hands the message over if
   * it is complete; else the code to close with.
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
    byte[] bytes = Objects.requireNonNull(partial);
    if (payload != null) {
      payload.get(bytes, length, size);
    }
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
      discard();
      handOver(bytes, whole);
    }
    return null;
  }

  /** Makes room for so much more than is held; false if it is not to be had. */
  private boolean grow(int size) {
    byte[] known = partial == null ? NOTHING : partial;
    int capacity = known.length;
    if (partial == null) {
      capacity = Math.max(size, LEAST_BYTES);
    } else if (capacity - length < size) {
      capacity = (int) Math.min(maxBytes, Math.max(capacity * 2L, length + size));
    }
    if (capacity > known.length) {
      if (!connection.tryHold(known.length, capacity)) {
        return false;
      }
      partial = Arrays.copyOf(known, capacity);
    }
    return true;
  }

  private void handOver(byte[] bytes, int size) {
    if (text) {
      connection.text(bytes, 0, size);
    } else {
      connection.binary(bytes, 0, size);
    }
  }
}
