package dev.parley.room;

import dev.parley.access.Identity;
import dev.parley.broker.Broker;
import dev.parley.broker.Entry;
import dev.parley.protocol.ClientFrame;
import dev.parley.protocol.Content;
import dev.parley.protocol.Content.Form;
import dev.parley.protocol.MessageFrames;
import java.nio.charset.StandardCharsets;

/**
 * Writes what clients send as the broker carries it: once in the cluster, by the instance that
 * accepts it.
 */
record EntryFactory(Broker broker) {

  /**
   * @param connection the sender's, 0 if it has none
   */
  Entry message(ClientFrame.Message message, Identity identity, String username, long connection) {
    long now = System.currentTimeMillis();
    Content content = message.content();
    String id = message.id();
    String key = message.key();
    return new Entry(
        content.form(),
        message.echo(),
        broker.incarnation(),
        connection,
        now,
        key == null ? null : key.getBytes(StandardCharsets.UTF_8),
        content.form() == Form.JSON
            ? MessageFrames.jsonTail(message, identity.user(), username, now)
            : MessageFrames.binaryTail(identity.user(), id, content.bytes()),
        id == null
            ? null
            : new Entry.Dedup(identity.user(), id, MessageFrames.contentHash(message)));
  }

  Entry signal(ClientFrame.Signal signal, Identity identity, String username, long connection) {
    Content data = signal.data();
    byte[] tail;
    Form form;
    if (data != null && data.form() == Form.BINARY) {
      form = Form.BINARY;
      tail = MessageFrames.binaryTail(identity.user(), null, data.bytes());
    } else {
      form = Form.JSON;
      tail = MessageFrames.jsonSignalTail(signal.room(), signal, identity.user(), username);
    }
    return new Entry(
        form,
        false,
        broker.incarnation(),
        connection,
        System.currentTimeMillis(),
        null,
        tail,
        null);
  }
}
