package dev.parley.broker.redis;

import dev.parley.broker.ControlBus;
import dev.parley.broker.ControlListener;
import java.util.function.Consumer;

/**
 * The control bus on Redis: one channel for the whole service, heard on the connection of {@link
 * Bus} and published through that of {@link CommandConnection}.
 */
final class Control implements ControlBus {
  private final CommandConnection commands;
  private final ControlListener listener;

  /**
   * @param listener told by {@link Bus}
   */
  Control(CommandConnection commands, ControlListener listener) {
    this.commands = commands;
    this.listener = listener;
  }

  @Override
  public void send(byte[] message) {
    commands.publish(RoomKeys.CONTROL, message);
  }

  @Override
  public void listen(Consumer<byte[]> replacement) {
    listener.listen(replacement);
  }
}
