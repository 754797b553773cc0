package dev.parley.broker;

import java.util.function.Consumer;

/**
 * The control bus on Redis: one channel for the whole service, heard on the connection of {@link
 * RedisBus} and published through that of {@link RedisCommands}.
 */
final class RedisControl implements ControlBus {
  private final RedisCommands commands;
  private final ControlListener listener;

  /**
   * @param listener told by {@link RedisBus}
   */
  RedisControl(RedisCommands commands, ControlListener listener) {
    this.commands = commands;
    this.listener = listener;
  }

  @Override
  public void send(byte[] message) {
    commands.publish(RedisKeys.CONTROL, message);
  }

  @Override
  public void listen(Consumer<byte[]> replacement) {
    listener.listen(replacement);
  }
}
