package dev.parley.broker;

import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A script that may be run again, and is until it is answered or its time is out.
 *
 * @param arguments behind those of {@link Primary#settle} where the script settles the room
 * @param home runs the answer
 * @param reply what Redis answered, null where the time was out
 * @param deadline by System.nanoTime, null where there is none
 */
record ScriptCall(
    Script script,
    String[] keys,
    byte[][] arguments,
    Executor home,
    Consumer<@Nullable List<Object>> reply,
    @Nullable Long deadline) {

  static Long inFiveSeconds() {
    return System.nanoTime() + TimeUnit.SECONDS.toNanos(5);
  }

  boolean isLate(long now) {
    return deadline != null && now - deadline > 0;
  }

  void answer(@Nullable List<Object> answer) {
    home.execute(() -> reply.accept(answer));
  }
}
