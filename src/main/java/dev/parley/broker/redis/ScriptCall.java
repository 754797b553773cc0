package dev.parley.broker.redis;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A script that may be run again. It is repeated until it is answered or, if it {@link
 * #hasDeadline}, until Redis has had 5 s for it. These count from when it was sent; while it waits
 * for others, they count from when Redis last answered one of them, because a long queue of ours is
 * not a slow Redis. Belongs to the {@link ScriptWindow} to which it was submitted. It answers the
 * reply or null, and no {@link dev.parley.broker.Outcome}: only the caller knows what a reply
 * means, and whether a script without one may have run.
 */
final class ScriptCall {
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(5);

  /** What an answer has at most that is no page: a head with the newest deletions. */
  private static final int SMALL_ANSWER_BYTES = 8 * 1024;

  private final Script script;
  private final String[] keys;
  private final byte[][] arguments;
  private final Executor home;
  private final Consumer<@Nullable List<Object>> reply;
  private final boolean hasDeadline;
  private final boolean givesUpIfFull;
  private final int pageBytes;
  private final int answerBytes;
  private final long submittedAt = System.nanoTime();
  private boolean sent;
  private long sentAt;
  private boolean answered;
  private int asked;
  private int reserved;

  private ScriptCall(
      Script script,
      String[] keys,
      byte[][] arguments,
      Executor home,
      Consumer<@Nullable List<Object>> reply,
      boolean hasDeadline,
      boolean givesUpIfFull,
      int pageBytes,
      int answerBytes) {
    this.script = script;
    this.keys = keys;
    this.arguments = arguments;
    this.home = home;
    this.reply = reply;
    this.hasDeadline = hasDeadline;
    this.givesUpIfFull = givesUpIfFull;
    this.pageBytes = pageBytes;
    this.answerBytes = answerBytes;
  }

  /**
   * Run until it is answered.
   *
   * @param arguments behind those of {@link PrimaryState#settle} if the script settles the room
   * @param home runs the answer
   */
  static ScriptCall untilAnswered(
      Script script,
      String[] keys,
      byte[][] arguments,
      Executor home,
      Consumer<List<Object>> reply) {
    return new ScriptCall(
        script,
        keys,
        arguments,
        home,
        answer -> {
          if (answer != null) {
            reply.accept(answer);
          }
        },
        false,
        false,
        0,
        SMALL_ANSWER_BYTES);
  }

  /**
   * @param reply what Redis answered, null if the time was out
   */
  static ScriptCall withDeadline(
      Script script,
      String[] keys,
      byte[][] arguments,
      Executor home,
      Consumer<@Nullable List<Object>> reply) {
    return new ScriptCall(script, keys, arguments, home, reply, true, false, 0, SMALL_ANSWER_BYTES);
  }

  /**
   * One whose answer is no page of a log, and may be larger than most.
   *
   * @param answerBytes that the answer may have
   * @param reply what Redis answered, null if the time was out
   */
  static ScriptCall withDeadline(
      Script script,
      String[] keys,
      byte[][] arguments,
      int answerBytes,
      Executor home,
      Consumer<@Nullable List<Object>> reply) {
    return new ScriptCall(script, keys, arguments, home, reply, true, false, 0, answerBytes);
  }

  /**
   * For somebody who waits for the answer: not tried again once Redis has {@linkplain
   * ScriptError.Declined#lasting said} that it is full.
   *
   * @param reply what Redis answered, null if it is full or the time was out
   */
  static ScriptCall unlessFull(
      Script script,
      String[] keys,
      byte[][] arguments,
      Executor home,
      Consumer<@Nullable List<Object>> reply) {
    return new ScriptCall(script, keys, arguments, home, reply, true, true, 0, SMALL_ANSWER_BYTES);
  }

  /**
   * One whose last argument, which the window puts behind the others, is how many bytes its answer
   * may have.
   *
   * @param most bytes that are of use
   */
  static ScriptCall page(
      Script script,
      String[] keys,
      byte[][] arguments,
      int most,
      Executor home,
      Consumer<@Nullable List<Object>> reply) {
    return new ScriptCall(script, keys, arguments, home, reply, true, false, most, 0);
  }

  Script script() {
    return script;
  }

  String[] keys() {
    return keys;
  }

  /** Those that it was made with, and how many bytes a page was {@link #sent} for. */
  byte[][] allArguments() {
    if (!isPage()) {
      return arguments;
    }
    byte[][] all = Arrays.copyOf(arguments, arguments.length + 1);
    all[arguments.length] = PrimaryState.ascii(asked);
    return all;
  }

  /** Calls with the same key take turns with those of others. */
  String room() {
    return keys[0];
  }

  boolean isPage() {
    return pageBytes > 0;
  }

  /**
   * How many bytes of answer it asks for.
   *
   * @param share what a page may have
   */
  int bytes(int share) {
    return isPage() ? Math.min(share, pageBytes) : answerBytes;
  }

  void sent(int asked, int reserved) {
    this.asked = asked;
    this.reserved = reserved;
    if (!sent) {
      sent = true;
      sentAt = System.nanoTime();
    }
  }

  /** Bytes of answer that it was sent for. */
  int asked() {
    return asked;
  }

  /** Bytes of answer that are accounted for it while it is in flight. */
  int reserved() {
    return reserved;
  }

  /**
   * Whether it is to be given up.
   *
   * @param progress when Redis last answered another
   */
  boolean isLate(long now, long progress) {
    long since = sent ? sentAt : Math.max(submittedAt - progress, 0) + progress;
    return hasDeadline && now - since > PATIENCE_NANOS;
  }

  /** Whether a refusal of this kind is its answer. */
  boolean givesUp(ScriptError.Declined refusal) {
    return givesUpIfFull && refusal.lasting();
  }

  boolean isAnswered() {
    return answered;
  }

  /** Once; null if the time is out. */
  void answer(@Nullable List<Object> answer) {
    if (!answered) {
      answered = true;
      home.execute(() -> reply.accept(answer));
    }
  }
}
