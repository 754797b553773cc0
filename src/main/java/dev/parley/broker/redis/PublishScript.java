package dev.parley.broker.redis;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.parley.broker.Outcome.Accepted;
import dev.parley.protocol.Epoch;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** What {@link Script#PUBLISH} takes and answers, as {@code publish.lua} says at its head. */
final class PublishScript {
  private PublishScript() {}

  /** Writes the call without flushing. */
  static CompletionStage<List<Object>> run(
      PrimaryConnection connection, RoomKeys keys, List<PendingMessage> messages) {
    return connection.run(Script.PUBLISH, keys.ofPublishing(), arguments(keys, messages));
  }

  private static byte[][] arguments(RoomKeys keys, List<PendingMessage> messages) {
    byte[][] arguments = new byte[3 + 3 * messages.size()][];
    arguments[0] = keys.channel().getBytes(US_ASCII);
    arguments[1] = PrimaryState.ascii(keys.retention().bytes());
    arguments[2] = PrimaryState.ascii(messages.size());
    int i = 3;
    for (PendingMessage message : messages) {
      arguments[i++] = message.bytes();
      arguments[i++] = message.dedupField();
      arguments[i++] = message.stamp();
    }
    return keys.settling(arguments);
  }

  /** Settles each of the messages as the reply says, and returns the room's epoch. */
  static Epoch settle(List<PendingMessage> messages, List<Object> reply) {
    Epoch epoch = Epoch.read(ByteBuffer.wrap((byte[]) reply.get(0)));
    long offset = (Long) reply.get(1);
    int exception = 2;
    for (int i = 0; i < messages.size(); i++) {
      PendingMessage message = messages.get(i);
      if (exception < reply.size() && (Long) reply.get(exception) == i + 1) {
        ByteBuffer first = ByteBuffer.wrap((byte[]) reply.get(exception + 1));
        message.settle(
            first.hasRemaining()
                ? new Accepted(epoch, first.getLong(), first.getLong(), true)
                : PendingMessage.CONFLICT);
        exception += 2;
      } else {
        message.settle(new Accepted(epoch, offset++, message.timestamp(), false));
      }
    }
    return epoch;
  }
}
