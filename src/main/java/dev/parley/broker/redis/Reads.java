package dev.parley.broker.redis;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.parley.broker.Outcome;
import dev.parley.broker.ReadMarks;
import dev.parley.protocol.Epoch;
import dev.parley.protocol.ReadMark;
import dev.parley.protocol.UserId;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The read marks of a room on Redis. */
record Reads(RoomKeys keys, Executor home, CommandConnection commands) {
  private static final byte[] NOTHING = {};

  /** What a mark or a number of the answer has at most. */
  private static final int ANSWER_BYTES = 160;

  void markRead(List<ReadMark> marks, Consumer<Outcome<Outcome.Done>> answer) {
    List<byte[]> arguments = new ArrayList<>(3 + 2 * marks.size());
    arguments.add(keys.idle());
    arguments.add(keys.channel().getBytes(US_ASCII));
    arguments.add(PrimaryState.ascii(ReadMarks.MOST_KEPT));
    for (ReadMark mark : marks) {
      arguments.add(mark.user().value().getBytes(US_ASCII));
      arguments.add(PrimaryState.ascii(mark.offset()));
    }
    commands.run(
        ScriptCall.unlessFull(
            Script.READ,
            keys.ofReads(),
            arguments.toArray(byte[][]::new),
            home,
            reply -> answer.accept(reply == null ? Outcome.unconfirmed() : new Outcome.Done())));
  }

  void readMarks(
      List<UserId> users,
      @Nullable ReadMark after,
      int limit,
      Consumer<Outcome<ReadMarks>> answer) {
    List<byte[]> arguments = new ArrayList<>(4 + users.size());
    arguments.add(keys.idle());
    arguments.add(PrimaryState.ascii(limit));
    arguments.add(after == null ? NOTHING : PrimaryState.ascii(after.offset()));
    arguments.add(after == null ? NOTHING : after.user().value().getBytes(US_ASCII));
    for (UserId user : users) {
      arguments.add(user.value().getBytes(US_ASCII));
    }
    commands.run(
        ScriptCall.withDeadline(
            Script.READS,
            keys.ofReads(),
            arguments.toArray(byte[][]::new),
            ANSWER_BYTES * (1 + users.size() + limit),
            home,
            reply ->
                answer.accept(reply == null ? Outcome.unavailable() : marks(reply, users.size()))));
  }

  private static ReadMarks marks(List<Object> reply, int users) {
    byte[] epoch = (byte[]) reply.getFirst();
    int first = 2 + users;
    List<ReadMark> newest = new ArrayList<>((reply.size() - first) / 2);
    for (int i = first; i < reply.size(); i += 2) {
      UserId user = new UserId(new String((byte[]) reply.get(i), US_ASCII));
      newest.add(new ReadMark(user, (Long) reply.get(i + 1)));
    }
    return new ReadMarks(
        epoch.length == 0 ? Epoch.NONE : Epoch.read(ByteBuffer.wrap(epoch)),
        (Long) reply.get(1),
        reply.subList(2, first).stream().map(offset -> (Long) offset).toList(),
        List.copyOf(newest));
  }
}
