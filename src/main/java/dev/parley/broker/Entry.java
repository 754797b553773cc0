package dev.parley.broker;

import dev.parley.protocol.Content.Form;
import dev.parley.protocol.UserId;
import org.jspecify.annotations.Nullable;

/**
 * A message or signal as the broker carries it, encoded once by the instance that accepted it. Not
 * a record: compared by identity, and its arrays are never changed.
 */
public final class Entry {
  /** Stands in the log where a message's content was removed. */
  public static final Entry DELETED = new Entry(Form.JSON, true, 0, 0, 0, null, new byte[0], null);

  private final Form form;
  private final boolean echo;
  private final long incarnation;
  private final long connection;
  private final long timestamp;
  private final byte @Nullable [] key;
  private final byte[] tail;
  private final @Nullable Dedup dedup;

  /**
   * @param echo false if the sender wants no live copy
   * @param connection the sender's, unique within {@code incarnation}; 0 if it was none (REST)
   * @param timestamp Unix milliseconds, by the accepting instance's clock
   * @param key the conflation key in UTF-8
   * @param tail what stands behind the offset, as dev.parley.protocol.MessageFrames writes it
   * @param dedup null if the message has no id, and on an entry that was received
   */
  public Entry(
      Form form,
      boolean echo,
      long incarnation,
      long connection,
      long timestamp,
      byte @Nullable [] key,
      byte[] tail,
      @Nullable Dedup dedup) {
    this.form = form;
    this.echo = echo;
    this.incarnation = incarnation;
    this.connection = connection;
    this.timestamp = timestamp;
    this.key = key;
    this.tail = tail;
    this.dedup = dedup;
  }

  /**
   * What tells a repeated message.
   *
   * @param contentHash 32 bits over form, content, name and key: another hash under the same id is
   *     a conflict
   */
  public record Dedup(UserId user, String id, int contentHash) {}

  public Form form() {
    return form;
  }

  public boolean echo() {
    return echo;
  }

  public long incarnation() {
    return incarnation;
  }

  public long connection() {
    return connection;
  }

  public long timestamp() {
    return timestamp;
  }

  public byte @Nullable [] key() {
    return key;
  }

  public byte[] tail() {
    return tail;
  }

  public @Nullable Dedup dedup() {
    return dedup;
  }

  /** The entry as the log keeps it: ids are remembered elsewhere, and not as long. */
  public Entry withoutDedup() {
    return dedup == null
        ? this
        : new Entry(form, echo, incarnation, connection, timestamp, key, tail, null);
  }

  /** Whether the content was removed: nothing but the offset is left. */
  public boolean isDeleted() {
    return this == DELETED;
  }
}
