package dev.parley.broker.redis;

import io.lettuce.core.resource.DefaultEventLoopGroupProvider;
import java.util.concurrent.TimeUnit;

/**
 * The threads that read and write Redis' connections: one for two processors, where Lettuce has one
 * for each. On few threads the reply to a batch and the publication of it, which arrive together on
 * two connections, cost one wake-up of the thread, and of the lane behind it.
 */
final class EventLoops extends DefaultEventLoopGroupProvider implements AutoCloseable {
  private static final long STOP_WITHIN_SECONDS = 1;

  EventLoops() {
    super(Math.max(1, Runtime.getRuntime().availableProcessors() / 2));
  }

  @Override
  public void close() {
    shutdown(0, STOP_WITHIN_SECONDS, TimeUnit.SECONDS).awaitUninterruptibly();
  }
}
