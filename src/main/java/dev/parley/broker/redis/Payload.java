package dev.parley.broker.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.parley.broker.Entry;
import dev.parley.broker.PresenceChange;
import dev.parley.broker.Typing;
import dev.parley.protocol.Content.Form;
import dev.parley.protocol.Epoch;
import dev.parley.protocol.ReadMark;
import dev.parley.protocol.UserId;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a room's channel in Redis carries. Big-endian:
 *
 * <pre>
 * payload   version (1) · kind · 16 epoch · u64 first offset · u16 count · entries
 * kinds     1 messages, 2 signal, 3 presence, 4 typing, 5 deleted, 6 read; offset 0 but for
 *           messages and deleted, epoch 0 for signal and typing, no entry for deleted
 * entry     u32 length · by kind:
 *   1, 2    u8 form (1 JSON, 2 binary) · u8 flags (1: echo off) · 8 incarnation ·
 *           u64 connection · i64 timestamp · u8 key length · key · tail
 *   3       i64 timestamp · u8 joined · u8 large · u32 members · u64 version ·
 *           u8 user length · user · u16 username length · username
 *   4       8 incarnation · u64 connection · u8 active · u8 user length · user ·
 *           u16 username length · username
 *   6       u64 offset · user
 * </pre>
 *
 * Messages, presence, deleted and read are put together by the scripts. The log keeps entries of
 * kind 1 without their length. A payload of a later version or kind is ignored, so instances of two
 * versions may share a Redis.
 */
sealed interface Payload {
  /** What precedes the first entry. */
  int HEADER_BYTES = 28;

  record Messages(Epoch epoch, long first, List<Entry> entries) implements Payload {}

  record Signal(Entry entry) implements Payload {}

  record Presence(PresenceChange change) implements Payload {}

  record Typed(Typing typing) implements Payload {}

  record Deleted(Epoch epoch, long offset) implements Payload {}

  record Read(Epoch epoch, List<ReadMark> marks) implements Payload {}

  byte VERSION = 1;
  byte MESSAGES = 1;
  byte SIGNAL = 2;
  byte PRESENCE = 3;
  byte TYPING = 4;
  byte DELETED = 5;
  byte READ = 6;

  /** What it holds in memory, in bytes: about its own length and the objects of each entry. */
  static int weight(byte[] bytes) {
    int count = bytes.length < HEADER_BYTES ? 0 : Short.toUnsignedInt(count(bytes));
    return 100 + bytes.length + 120 * count;
  }

  private static short count(byte[] bytes) {
    return ByteBuffer.wrap(bytes).getShort(HEADER_BYTES - 2);
  }

  /** Whether nobody has to be told if it does not arrive. */
  static boolean mayBeLost(byte[] bytes) {
    return bytes.length > 1 && (bytes[1] == SIGNAL || bytes[1] == TYPING || bytes[1] == READ);
  }

  /** Null if it is not understood. */
  static @Nullable Payload decode(byte[] bytes) {
    try {
      ByteBuffer in = ByteBuffer.wrap(bytes);
      if (in.get() != VERSION) {
        return null;
      }
      byte kind = in.get();
      Epoch epoch = Epoch.read(in);
      long first = in.getLong();
      int count = Short.toUnsignedInt(in.getShort());
      return switch (kind) {
        case MESSAGES -> new Messages(epoch, first, entries(in, bytes, count));
        case SIGNAL -> new Signal(entry(bytes, in.position() + 4, in.getInt()));
        case PRESENCE -> new Presence(presence(in.position(in.position() + 4)));
        case DELETED -> new Deleted(epoch, first);
        case READ -> new Read(epoch, marks(in, count));
        case TYPING -> new Typed(typing(in.position(in.position() + 4)));
        default -> null;
      };
    } catch (BufferUnderflowException | IllegalArgumentException | IndexOutOfBoundsException bad) {
      return null;
    }
  }

  private static List<Entry> entries(ByteBuffer in, byte[] bytes, int count) {
    List<Entry> entries = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      int length = in.getInt();
      entries.add(entry(bytes, in.position(), length));
      in.position(in.position() + length);
    }
    return entries;
  }

  private static List<ReadMark> marks(ByteBuffer in, int count) {
    List<ReadMark> marks = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      int length = in.getInt() - Long.BYTES;
      if (length < 0 || length > UserId.MAX_LENGTH) {
        throw new IllegalArgumentException("not a mark");
      }
      long offset = in.getLong();
      marks.add(new ReadMark(new UserId(text(in, length)), offset));
    }
    return marks;
  }

  /** An entry of the log, as {@link #encode(Entry)} wrote it. */
  static Entry entry(byte[] bytes) {
    return entry(bytes, 0, bytes.length);
  }

  private static Entry entry(byte[] bytes, int from, int length) {
    ByteBuffer in = ByteBuffer.wrap(bytes, from, length);
    Form form = in.get() == 2 ? Form.BINARY : Form.JSON;
    boolean echo = (in.get() & 1) == 0;
    long incarnation = in.getLong();
    long connection = in.getLong();
    long timestamp = in.getLong();
    int keyLength = Byte.toUnsignedInt(in.get());
    byte[] key = null;
    if (keyLength > 0) {
      key = new byte[keyLength];
      in.get(key);
    }
    byte[] tail = Arrays.copyOfRange(bytes, in.position(), from + length);
    return new Entry(form, echo, incarnation, connection, timestamp, key, tail, null);
  }

  static byte[] encode(Entry entry) {
    byte[] bytes = new byte[entryBytes(entry)];
    put(entry, ByteBuffer.wrap(bytes));
    return bytes;
  }

  private static int entryBytes(Entry entry) {
    byte[] key = entry.key();
    return 27 + (key == null ? 0 : key.length) + entry.tail().length;
  }

  private static void put(Entry entry, ByteBuffer out) {
    byte[] key = entry.key();
    out.put((byte) (entry.form() == Form.BINARY ? 2 : 1))
        .put((byte) (entry.echo() ? 0 : 1))
        .putLong(entry.incarnation())
        .putLong(entry.connection())
        .putLong(entry.timestamp());
    if (key == null) {
      out.put((byte) 0);
    } else {
      out.put((byte) key.length).put(key);
    }
    out.put(entry.tail());
  }

  static byte[] signal(Entry entry) {
    int length = entryBytes(entry);
    byte[] bytes = new byte[HEADER_BYTES + 4 + length];
    put(entry, header(bytes, SIGNAL, length));
    return bytes;
  }

  static byte[] typing(Typing typing) {
    byte[] user = typing.user().value().getBytes(UTF_8);
    byte[] username = name(typing.username());
    int length = 20 + user.length + username.length;
    byte[] bytes = new byte[HEADER_BYTES + 4 + length];
    header(bytes, TYPING, length)
        .putLong(typing.incarnation())
        .putLong(typing.connection())
        .put((byte) (typing.active() ? 1 : 0))
        .put((byte) user.length)
        .put(user)
        .putShort((short) username.length)
        .put(username);
    return bytes;
  }

  private static ByteBuffer header(byte[] bytes, byte kind, int length) {
    return ByteBuffer.wrap(bytes)
        .put(VERSION)
        .put(kind)
        .put(Epoch.NONE.toBytes())
        .putLong(0)
        .putShort((short) 1)
        .putInt(length);
  }

  /** A display name as it is carried; what is beyond 64 KiB is cut. */
  static byte[] name(String username) {
    byte[] bytes = username.getBytes(UTF_8);
    return bytes.length <= 0xFFFF ? bytes : Arrays.copyOf(bytes, 0xFFFF);
  }

  private static PresenceChange presence(ByteBuffer in) {
    long timestamp = in.getLong();
    boolean joined = in.get() == 1;
    boolean large = in.get() == 1;
    int members = in.getInt();
    long version = in.getLong();
    UserId user = user(in);
    return new PresenceChange(user, username(in), joined, timestamp, members, version, large);
  }

  private static Typing typing(ByteBuffer in) {
    long incarnation = in.getLong();
    long connection = in.getLong();
    boolean active = in.get() == 1;
    UserId user = user(in);
    return new Typing(incarnation, connection, user, username(in), active);
  }

  private static UserId user(ByteBuffer in) {
    return new UserId(text(in, Byte.toUnsignedInt(in.get())));
  }

  private static String username(ByteBuffer in) {
    return text(in, Short.toUnsignedInt(in.getShort()));
  }

  private static String text(ByteBuffer in, int length) {
    byte[] bytes = new byte[length];
    in.get(bytes);
    return new String(bytes, UTF_8);
  }
}
