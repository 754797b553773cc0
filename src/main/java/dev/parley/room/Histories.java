package dev.parley.room;

import dev.parley.budget.Account;
import dev.parley.protocol.ClientFrame;
import dev.parley.protocol.ServerFrame;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * The {@code history} requests of one room, which is not given up under them: they may wait for
 * memory as long as others hold it. Owned by the room's home lane.
 */
final class Histories {
  private final RoomHome home;
  private final Deletions deletions;
  private final ReplayMemory memory;
  private int unanswered;

  Histories(RoomHome home, Deletions deletions, ReplayMemory memory) {
    this.home = home;
    this.deletions = deletions;
    this.memory = memory;
  }

  /**
   * @param there runs the answer, which takes what was read along
   */
  void read(
      ClientFrame.History request, Account asking, Executor there, Consumer<ServerFrame> answer) {
    unanswered++;
    String account = asking.name();
    HistoryReader reader =
        new HistoryReader(
            request,
            home.channel(),
            deletions::contains,
            frame -> {
              unanswered--;
              there.execute(() -> {
                try {
                  answer.accept(frame);
                } finally {
                  memory.give(account, HistoryReader.BYTES);
                }
              });
            });
    // Its memory is taken last: a publish may be long without an answer.
    home.channel()
        .behind(() -> memory.take(account, HistoryReader.BYTES, home.lane(), reader::read));
  }

  boolean isEmpty() {
    return unanswered == 0;
  }
}
