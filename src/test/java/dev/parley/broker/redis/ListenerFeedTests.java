package dev.parley.broker.redis;

import static dev.parley.broker.Instance.message;
import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.broker.Entry;
import dev.parley.broker.Head;
import dev.parley.broker.RecordingRoomListener;
import dev.parley.protocol.Epoch;
import dev.parley.protocol.Position;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What a listener is told of heads and payloads that overlap. */
class ListenerFeedTests {
  private static final Epoch OLD = Epoch.random();
  private static final Epoch EPOCH = Epoch.random();
  private static final Epoch NEW = Epoch.random();

  private final RecordingRoomListener heard =
      new RecordingRoomListener() {
        @Override
        public void messages(Epoch epoch, long first, List<Entry> entries) {
          assertThat(entries).isNotEmpty();
          super.messages(epoch, first, entries);
        }
      };
  private final List<Head> changes = new ArrayList<>();
  private final ListenerFeed feed =
      new ListenerFeed(
          heard,
          head -> {
            assertThat(heard.events).as("before the listener").doesNotContain(head);
            changes.add(head);
          });

  private static Head head(Epoch epoch, long offset, Position... lineage) {
    return new Head(epoch, offset, List.of(lineage), 0, 0, false, List.of());
  }

  private boolean tell(Epoch epoch, long first, int count) {
    List<Entry> entries =
        IntStream.range(0, count).mapToObj(i -> message("m" + (first + i))).toList();
    return feed.tell(new Payload.Messages(epoch, first, entries));
  }

  @Test
  void firstHeadOpensAndLaterOnesAreHeads() {
    assertThat(feed.isOpened()).isFalse();
    feed.tell(head(EPOCH, 3));
    assertThat(feed.isOpened()).isTrue();
    feed.tell(head(EPOCH, 5));

    assertThat(heard.opened).containsExactly(head(EPOCH, 3));
    assertThat(heard.heads).containsExactly(head(EPOCH, 5));
    assertThat(changes).isEmpty();
  }

  @Test
  void headWithAnotherEpochIsAnnouncedBeforeTheListenerIsTold() {
    feed.tell(head(EPOCH, 3));
    Head other = head(NEW, 3, new Position(EPOCH, 3));
    feed.tell(other);

    assertThat(changes).containsExactly(other);
    assertThat(heard.heads).containsExactly(other);
    assertThat(feed.isIn(NEW)).isTrue();
    assertThat(feed.isIn(EPOCH)).isFalse();
  }

  @Test
  void messagesThatTheHeadContainsAreNotRepeated() {
    feed.tell(head(EPOCH, 3));

    assertThat(tell(EPOCH, 1, 3)).isTrue();
    assertThat(tell(EPOCH, 2, 4)).isTrue();
    assertThat(tell(EPOCH, 5, 1)).isTrue();
    assertThat(tell(EPOCH, 6, 2)).isTrue();

    assertThat(heard.texts()).containsExactly("m4", "m5", "m6", "m7");
    assertThat(heard.offsets()).containsExactly(4L, 5L, 6L, 7L);
  }

  @Test
  void messagesBehindAHoleAreToldWithTheirOffsets() {
    feed.tell(head(EPOCH, 3));

    assertThat(tell(EPOCH, 6, 2)).isTrue();
    assertThat(tell(EPOCH, 4, 2)).isTrue();

    assertThat(heard.offsets()).containsExactly(6L, 7L);
  }

  @Test
  void whatBelongsToAnEpochThatTheRoomContinuesIsIgnored() {
    feed.tell(head(EPOCH, 3, new Position(OLD, 2)));

    assertThat(tell(OLD, 4, 1)).isTrue();
    assertThat(feed.tell(new Payload.Deleted(OLD, 1))).isTrue();
    assertThat(heard.events).hasSize(1);
  }

  @Test
  void whatBelongsToAnUnknownEpochSaysThatTheHeadIsOutdated() {
    feed.tell(head(EPOCH, 3));

    assertThat(tell(NEW, 4, 1)).isFalse();
    assertThat(feed.tell(new Payload.Deleted(NEW, 1))).isFalse();
    assertThat(heard.events).hasSize(1);
  }

  @Test
  void deletionAndSignalArePassedOn() {
    feed.tell(head(EPOCH, 3));
    Entry signal = message("signal");

    assertThat(feed.tell(new Payload.Deleted(EPOCH, 2))).isTrue();
    assertThat(feed.tell(new Payload.Signal(signal))).isTrue();

    assertThat(heard.events)
        .containsExactly(head(EPOCH, 3), new RecordingRoomListener.Deleted(2), signal);
  }
}
