package dev.parley.broker.redis;

import static dev.parley.broker.Instance.message;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.parley.broker.Entry;
import dev.parley.broker.Head;
import dev.parley.broker.Outcome;
import dev.parley.broker.RecordingRoomListener;
import dev.parley.budget.Budget;
import dev.parley.budget.BudgetKind;
import dev.parley.protocol.Epoch;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What a room holds of the bus while its head is being read. */
class SubscriptionTests {
  private static final Epoch EPOCH = Epoch.random();

  private final Budget budget = Budget.of(BudgetKind.BUS, 100_000);
  private final FaultyListener heard = new FaultyListener();
  private final ArrayDeque<Consumer<Outcome<Head>>> asked = new ArrayDeque<>();
  private int failures;
  private final Subscription subscription =
      new Subscription(
          "channel",
          Runnable::run,
          budget,
          heard,
          (opening, answer) -> asked.add(answer),
          head -> {},
          refused -> failures++);

  private static final class FaultyListener extends RecordingRoomListener {
    private @Nullable RuntimeException fault;

    @Override
    public void messages(Epoch epoch, long first, List<Entry> entries) {
      if (fault != null) {
        throw fault;
      }
      super.messages(epoch, first, entries);
    }
  }

  private static Head head(long offset) {
    return new Head(EPOCH, offset, List.of(), 0, 0, false, List.of());
  }

  private void receive(long offset) {
    receive(EPOCH, offset);
  }

  private void receive(Epoch epoch, long offset) {
    byte[] entry = Payload.encode(message("x".repeat(1_000)));
    subscription.received(
        ByteBuffer.allocate(Payload.HEADER_BYTES + 4 + entry.length)
            .put(Payload.VERSION)
            .put(Payload.MESSAGES)
            .put(epoch.toBytes())
            .putLong(offset)
            .putShort((short) 1)
            .putInt(entry.length)
            .put(entry)
            .array());
  }

  @Test
  void whatWaitsForTheHeadIsBoundedAndTheHeadIsReadAgainForTheRest() {
    subscription.confirmed();
    for (int offset = 1; offset <= 1_000; offset++) {
      receive(offset);
    }

    assertThat(budget.held()).isBetween(40_000L, 50_000L);
    assertThat(asked).hasSize(1);
    asked.remove().accept(head(0));
    assertThat(heard.count()).isBetween(30, 50);
    assertThat(heard.offsets().getFirst()).isOne();
    assertThat(budget.held()).isZero();
    receive(1_001);
    asked.remove().accept(head(1_000));
    assertThat(heard.heads).containsExactly(head(1_000));
    assertThat(heard.offsets().getLast()).isEqualTo(1_001);
    assertThat(asked).isEmpty();
    assertThat(budget.held()).isZero();
  }

  /** Each head is handed on, however much is dropped while the next one is read. */
  @Test
  void floodThatDoesNotEndDoesNotKeepTheHeadBack() {
    subscription.confirmed();
    asked.remove().accept(head(0));
    long offset = 0;
    for (int round = 1; round <= 5; round++) {
      subscription.confirmed();
      for (int i = 0; i < 200; i++) {
        receive(++offset);
      }
      asked.remove().accept(head(offset));
      assertThat(heard.heads).last().isEqualTo(head(offset));
      asked.remove().accept(head(offset));
    }
  }

  @Test
  void droppedSignalNeedsNoHead() {
    subscription.confirmed();
    asked.remove().accept(head(0));
    budget.add(100_000);

    subscription.received(Payload.signal(message("lost")));
    assertThat(asked).isEmpty();
    receive(1);
    assertThat(asked).hasSize(1);
    assertThat(heard.count()).isZero();
  }

  @Test
  void whatWaitsIsGivenBackAtTheEnd() {
    subscription.confirmed();
    receive(1);
    assertThat(budget.held()).isPositive();
    subscription.end();
    receive(2);

    assertThat(budget.held()).isZero();
    assertThat(heard.count()).isZero();
  }

  @Test
  void whatAListenerDidNotHearForItsFaultIsReadFromTheLog() {
    subscription.confirmed();
    receive(1);
    receive(2);
    heard.fault = new IllegalStateException("a fault of the listener, thrown by this test");

    assertThatThrownBy(() -> asked.remove().accept(head(0))).isSameAs(heard.fault);

    assertThat(budget.held()).isZero();
    assertThat(asked).hasSize(1);
    heard.fault = null;
    asked.remove().accept(head(2));
    assertThat(heard.heads).containsExactly(head(2));
  }

  @Test
  void payloadOfAnotherEpochIsToldBehindTheHeadThatHasIt() {
    subscription.confirmed();
    asked.remove().accept(head(3));
    Epoch other = Epoch.random();
    subscription.received(Payload.signal(message("before")));

    receive(other, 1);
    subscription.received(Payload.signal(message("after")));

    assertThat(asked).hasSize(1);
    assertThat(heard.events).hasSize(2);
    Head moved = new Head(other, 1, List.of(), 0, 0, false, List.of());
    asked.remove().accept(moved);
    assertThat(heard.heads).containsExactly(moved);
    assertThat(heard.events).hasSize(4);
    assertThat(asked).isEmpty();
  }

  @Test
  void roomWhoseFirstHeadIsNotAnsweredCannotBeOpened() {
    subscription.confirmed();
    asked.remove().accept(Outcome.unavailable());

    assertThat(failures).isOne();
    assertThat(heard.opened).isEmpty();
  }

  @Test
  void openRoomAsksForItsHeadUntilItIsAnswered() {
    subscription.confirmed();
    asked.remove().accept(head(0));
    subscription.confirmed();
    asked.remove().accept(Outcome.unavailable());
    asked.remove().accept(head(7));

    assertThat(heard.heads).containsExactly(head(7));
    assertThat(failures).isZero();
  }
}
