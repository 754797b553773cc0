package dev.parley.broker;

import dev.parley.protocol.Epoch;
import dev.parley.protocol.ReadMark;
import java.util.List;

/** What a subscribed channel hears, on its home executor. */
public interface RoomListener {

  /** What became of {@link RoomChannel#subscribe}: not subscribed if it is refused. */
  void opened(Outcome<Head> outcome);

  /** Messages as they were added: offsets {@code first}, {@code first + 1} … of {@code epoch}. */
  void messages(Epoch epoch, long first, List<Entry> entries);

  void signal(Entry entry);

  void typing(Typing typing);

  void presence(PresenceChange change);

  /** Users' read marks moved forward, in the current epoch. */
  void read(List<ReadMark> marks);

  /**
   * A message's content was removed; it is one that the listener was told of, or could have been.
   * May be said again.
   */
  void deleted(long offset);

  /**
   * Something may have been missed: the bus was interrupted, or another epoch was seen. The head as
   * it is now; what lies between the listener's own position and it is in the log, as far as that
   * is kept.
   */
  void head(Head head);
}
