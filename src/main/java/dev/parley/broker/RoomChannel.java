package dev.parley.broker;

import dev.parley.broker.Outcome.Accepted;
import dev.parley.budget.Account;
import dev.parley.protocol.ReadMark;
import dev.parley.protocol.UserId;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One room's log and bus, for one caller. Every method is called on the channel's home executor,
 * returns at once and answers there; answers to {@link #publish} come in the order of the calls.
 */
public interface RoomChannel {
  /** The most that a {@linkplain #read(long, int, Consumer) page} of the log has, in bytes. */
  int PAGE_BYTES = 1024 * 1024;

  /**
   * Subscribes to the room's bus, then answers {@link RoomListener#opened} with the head, before
   * any event. If the broker cannot do it within 5 s, the answer is a refusal, and the channel is
   * as before.
   */
  void subscribe(RoomListener listener);

  /** Ends the subscription; nothing is called on the listener afterwards. */
  void unsubscribe();

  /**
   * Adds a message to the log. The answer may come before or after the message itself on the bus.
   */
  default void publish(Entry entry, Consumer<Outcome<Accepted>> answer) {
    publish(entry, Account.NOBODY, answer);
  }

  /**
   * As {@link #publish(Entry, Consumer)}.
   *
   * @param sender who answers for what has to be held until the broker has it
   */
  void publish(Entry entry, Account sender, Consumer<Outcome<Accepted>> answer);

  /**
   * Runs the action as soon as everything that was published on this channel before is decided and
   * answered, whatever the answers are; at once if it is. Reads, {@link #enter} and {@link #exit}
   * take another way to the broker and would overtake messages otherwise. An action is never
   * dropped, and its fault is logged.
   */
  void behind(Runnable action);

  /** Puts a signal on the bus, after the messages published before it; no answer, no guarantee. */
  void signal(Entry entry);

  /** Tells the others on the bus that a user types or ceased to; no answer, no guarantee. */
  void typing(Typing typing);

  /** Reads at most {@link #PAGE_BYTES} of the log. */
  default void read(long from, int limit, Consumer<Outcome<LogPage>> answer) {
    read(from, limit, PAGE_BYTES, answer);
  }

  /**
   * Reads the log in one step with its epoch: ascending entries from offset {@code from} on, fewer
   * than {@code limit} if the log ends first, or their tails would have more than {@code bytes}
   * together; one entry at least. A page may end sooner while many rooms are being read. If {@code
   * from} is no longer kept the page begins with the oldest that is. Refused if the broker does not
   * answer within 5 s.
   */
  void read(long from, int limit, int bytes, Consumer<Outcome<LogPage>> answer);

  /**
   * Reads what is still to be read of the log, in one step with its epoch: from offset {@code from}
   * on, ascending, or descending if {@code older}, and at most {@code limit} messages, or as many
   * as have {@code bytes} together; one at least. A page may end sooner while many rooms are being
   * read. Refused if the broker does not answer within 5 s.
   */
  void history(
      long from, boolean older, int limit, int bytes, Consumer<Outcome<HistoryPage>> answer);

  /**
   * Removes a message's content from the log; its offset stays, as {@link Entry#DELETED}. Who is
   * subscribed hears {@link RoomListener#deleted} behind all messages up to it. {@code unconfirmed}
   * if the broker does not answer within 5 s.
   */
  void delete(long offset, Consumer<Outcome<Deletion>> answer);

  /**
   * Moves read marks forward, at most to the head; those that are further already stay. Subscribers
   * hear {@link RoomListener#read} of those that moved. Costs no entry of the log. {@code
   * unconfirmed} if the broker did not say so: the marks may or may not have moved, and may be
   * given again.
   *
   * @param marks of {@link ReadMarks#MOST_AT_ONCE} users at most
   */
  void markRead(List<ReadMark> marks, Consumer<Outcome<Outcome.Done>> answer);

  /**
   * Reads marks, whether the channel is subscribed or not; a room that is not there is not opened.
   * Refused if the broker does not answer within 5 s.
   *
   * @param users whose marks are asked for, {@link ReadMarks#MOST_AT_ONCE} at most
   * @param after the newest marks behind this one, whether it is still there or not; all if it is
   *     null
   * @param limit of the newest marks, 0 or more
   */
  void readMarks(
      List<UserId> users, @Nullable ReadMark after, int limit, Consumer<Outcome<ReadMarks>> answer);

  /**
   * Who is in the room, on all instances: the first {@code limit} in order of their ids, behind
   * {@code after} if it is not null. Refused if the broker does not answer within 5 s.
   */
  void present(@Nullable UserId after, int limit, Consumer<Outcome<PresentUsers>> answer);

  /**
   * Whether the user is in the room, on any instance. Refused if the broker does not answer within
   * 5 s.
   */
  void isPresent(UserId user, Consumer<Outcome<UserPresence>> answer);

  /** This instance has the user in the room now; the room is told where no other instance had. */
  void enter(UserId user, String username);

  /**
   * This instance has the user in the room no longer; the room is told where no other instance has.
   */
  void exit(UserId user);

  /**
   * Whether the broker has decided every {@link #publish}, {@link #enter} and {@link #exit} of this
   * channel, and nothing waits {@link #behind} them. Until then no other channel may take its place
   * in the room: the broker might hear of both in either order.
   */
  boolean isIdle();
}
