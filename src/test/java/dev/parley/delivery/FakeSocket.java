package dev.parley.delivery;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A peer that takes as many bytes as the test lets it, and keeps them. */
public final class FakeSocket implements Socket {
  public final ByteArrayOutputStream wire = new ByteArrayOutputStream();
  final List<Integer> flushes = new ArrayList<>();
  public long room = Long.MAX_VALUE;
  boolean fails;
  int overflows;
  @Nullable Throwable broken;
  @Nullable Runnable onOverflow;
  @Nullable ByteBuffer lastRun;
  private @Nullable ByteBuffer pending;
  private @Nullable Outbound outbound;

  public Outbound outbound(Lane lane, long limit) {
    Outbound made = new Outbound(lane, this, limit);
    outbound = made;
    return made;
  }

  @Override
  public boolean flush(ByteBuffer bytes) throws IOException {
    if (pending != null) {
      throw new AssertionError("flushed while a write is outstanding");
    }
    if (fails) {
      throw new IOException("broken");
    }
    flushes.add(bytes.remaining());
    lastRun = bytes;
    take(bytes);
    return !bytes.hasRemaining();
  }

  @Override
  public void write(ByteBuffer rest) {
    if (pending != null) {
      throw new AssertionError("two writes are outstanding");
    }
    pending = rest;
  }

  public boolean isWriting() {
    return pending != null;
  }

  /** The reader reads this much; called on the lane. */
  public void read(long bytes) {
    room = bytes;
    ByteBuffer rest = pending;
    if (rest == null) {
      return;
    }
    take(rest);
    if (!rest.hasRemaining() && outbound != null) {
      pending = null;
      outbound.written();
    }
  }

  /** The socket is closed: what was outstanding is never written. */
  void gone() {
    pending = null;
    if (outbound != null) {
      outbound.close();
    }
  }

  /** The outstanding write fails. */
  void reset() {
    pending = null;
    if (outbound != null) {
      outbound.failed(new IOException("reset"));
    }
  }

  @Override
  public void overflowed() {
    overflows++;
    if (onOverflow != null) {
      onOverflow.run();
    }
  }

  @Override
  public void broken(Throwable cause) {
    broken = cause;
  }

  private void take(ByteBuffer bytes) {
    byte[] taken = new byte[(int) Math.min(room, bytes.remaining())];
    bytes.get(taken);
    wire.writeBytes(taken);
    room -= taken.length;
  }
}
