package dev.parley.broker.redis;

import static dev.parley.broker.Instance.message;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.broker.BrokerContract;
import dev.parley.broker.Entry;
import dev.parley.broker.Outcome;
import dev.parley.broker.Outcome.Accepted;
import dev.parley.budget.Account;
import dev.parley.budget.Budget;
import dev.parley.budget.BudgetKind;
import dev.parley.protocol.Epoch;
import dev.parley.protocol.RoomName;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The states of a queue, with a publisher and a Redis that are this test. */
class PublishQueueTests {
  private static final Epoch EPOCH = Epoch.random();
  private static final long CONNECTION = 1;
  private static final ScriptError UNKNOWN = new ScriptError.Unknown();
  private static final ScriptError DECLINED =
      new ScriptError.Declined("NOREPLICAS not enough replicas", false, false);
  private static final ScriptError FULL =
      new ScriptError.Declined("OOM command not allowed", false, true);

  private record Answer(String text, Outcome<Accepted> outcome) {}

  private final Budget budget = Budget.of(BudgetKind.PUBLISH, 10_000_000);
  private final List<Answer> answers = new ArrayList<>();
  private final List<Epoch> seen = new ArrayList<>();
  private final PublishQueue queue =
      new PublishQueue(
          RoomKeys.of(new RoomName("room"), BrokerContract.HISTORY),
          new Backlog(budget),
          seen::add);
  private long now = System.nanoTime();

  private void publish(String... texts) {
    for (String text : texts) {
      publish(text, message(text));
    }
  }

  private void publishWithId(String text) {
    publish(text, message(text, "id of " + text));
  }

  private void publish(String text, Entry entry) {
    queue.publish(entry, Account.NOBODY, outcome -> answers.add(new Answer(text, outcome)), now);
  }

  private void pass(long millis) {
    now += TimeUnit.MILLISECONDS.toNanos(millis);
  }

  /** What would be sent now. */
  private List<String> next() {
    return queue.next(now).stream().map(PublishQueueTests::text).toList();
  }

  private static String text(PendingMessage message) {
    return new String(Payload.entry(message.bytes()).tail(), UTF_8);
  }

  private int send() {
    return queue.sent(queue.next(now), CONNECTION, now);
  }

  private void accept(long offset, Object... exceptions) {
    queue.accepted(
        Stream.concat(Stream.<Object>of(EPOCH.toBytes(), offset), Stream.of(exceptions)).toList());
  }

  private static byte[] first(long offset, long timestamp) {
    return ByteBuffer.allocate(16).putLong(offset).putLong(timestamp).array();
  }

  /** The signal that is released next. */
  private byte @Nullable [] released() {
    return queue.release() instanceof Held.Signal signal ? signal.payload() : null;
  }

  private List<String> answered() {
    return answers.stream().map(Answer::text).toList();
  }

  private List<Outcome<Accepted>> outcomes() {
    return answers.stream().map(Answer::outcome).toList();
  }

  private List<Long> offsets() {
    return outcomes().stream().map(outcome -> ((Accepted) outcome).offset()).toList();
  }

  @Test
  void queueWithoutMessagesIsIdle() {
    assertThat(queue.isIdle()).isTrue();
    assertThat(queue.isBehind()).isFalse();
    assertThat(next()).isEmpty();
  }

  @Test
  void acceptedMessagesAreAnsweredInOrderWithConsecutiveOffsets() {
    publish("a", "b", "c");
    assertThat(queue.isIdle()).isFalse();
    assertThat(next()).containsExactly("a", "b", "c");
    send();
    assertThat(answers).isEmpty();
    assertThat(queue.messagesInFlight()).isEqualTo(3);

    accept(7);

    assertThat(answered()).containsExactly("a", "b", "c");
    assertThat(offsets()).containsExactly(7L, 8L, 9L);
    assertThat(seen).containsExactly(EPOCH);
    assertThat(queue.isIdle()).isTrue();
    assertThat(budget.held()).isZero();
  }

  @Test
  void messagesThatArriveWhileABatchIsInFlightAreTheNextOne() {
    publish("a");
    send();
    publish("b", "c");
    assertThat(next()).isEmpty();

    accept(1);

    assertThat(answered()).containsExactly("a");
    assertThat(next()).containsExactly("b", "c");
  }

  @Test
  void batchHasAtMost64Messages() {
    IntStream.range(0, 100).forEach(i -> publish("m" + i));

    assertThat(next()).hasSize(64).endsWith("m63");
    send();
    accept(1);
    assertThat(next()).hasSize(36).startsWith("m64");
  }

  @Test
  void batchEndsAt256KibibytesAndHasOneMessageAtLeast() {
    String small = "s".repeat(100 * 1024);
    String large = "l".repeat(300 * 1024);
    publish(small, small, small, large, small);

    for (List<String> expected :
        List.of(List.of(small, small), List.of(small), List.of(large), List.of(small))) {
      assertThat(next().equals(expected)).isTrue();
      send();
      accept(1);
    }
  }

  @Test
  void duplicateAndConflictAreAnsweredInTheirPlace() {
    publish("a", "same", "other", "b");
    send();

    accept(5, 2L, first(3, 1_234), 3L, new byte[0]);

    assertThat(answered()).containsExactly("a", "same", "other", "b");
    assertThat(outcomes().subList(1, 3))
        .containsExactly(new Accepted(EPOCH, 3, 1_234, true), PendingMessage.CONFLICT);
    assertThat(((Accepted) outcomes().getFirst()).offset()).isEqualTo(5);
    assertThat(((Accepted) outcomes().getLast()).offset()).isEqualTo(6);
  }

  @Test
  void declinedBatchIsSentAgainAfterAPauseAheadOfLaterMessages() {
    publish("a", "b");
    int first = send();
    publish("c");
    queue.failed(DECLINED, now);

    assertThat(queue.awaits(first)).isFalse();
    pass(99);
    assertThat(next()).isEmpty();
    pass(1);
    assertThat(next()).containsExactly("a", "b");
    assertThat(answers).isEmpty();
    send();
    accept(1);
    assertThat(answered()).containsExactly("a", "b");
    assertThat(next()).containsExactly("c");
  }

  @Test
  void everythingIsRefusedAtOnceIfRedisIsFull() {
    publish("a");
    send();
    publish("b");

    queue.failed(FULL, now);

    assertThat(next()).isEmpty();
    assertThat(answered()).containsExactly("a", "b");
    assertThat(outcomes()).containsOnly(PendingMessage.UNAVAILABLE);
    assertThat(queue.isIdle()).isTrue();
    publish("c");
    assertThat(next()).isEmpty();
    pass(100);
    assertThat(next()).containsExactly("c");
  }

  @Test
  void batchOfAStaleGenerationIsSentAgainAfterAPause() {
    publish("a");
    send();
    queue.failed(new ScriptError.Stale("generation"), now);

    assertThat(next()).isEmpty();
    pass(100);
    assertThat(next()).containsExactly("a");
    assertThat(answers).isEmpty();
  }

  @Test
  void batchIsSentAgainAtOnceIfTheScriptWasMissing() {
    publish("a");
    send();
    queue.failed(new ScriptError.NoScript(), now);

    assertThat(next()).containsExactly("a");
  }

  @Test
  void messageWithoutAnIdIsUnconfirmedIfItsConnectionIsLostAndOneWithAnIdIsSentAgain() {
    publish("a");
    publishWithId("b");
    publish("c");
    send();
    publish("d");

    queue.lost(CONNECTION, now);

    assertThat(next()).containsExactly("b");
    assertThat(answers).isEmpty();
    send();
    accept(4);
    assertThat(answered()).containsExactly("a", "b", "c");
    assertThat(outcomes())
        .element(1)
        .isEqualTo(new Accepted(EPOCH, 4, ((Accepted) outcomes().get(1)).timestamp(), false));
    assertThat(List.of(outcomes().get(0), outcomes().get(2)))
        .containsOnly(PendingMessage.UNCONFIRMED);
    assertThat(next()).containsExactly("d");
  }

  @Test
  void batchWithoutAnAnswerIsTreatedAsOneWhoseConnectionIsLost() {
    publish("a");
    publishWithId("b");
    send();

    queue.failed(UNKNOWN, now);

    assertThat(next()).containsExactly("b");
    send();
    accept(1);
    assertThat(outcomes().getFirst()).isEqualTo(PendingMessage.UNCONFIRMED);
  }

  @Test
  void lossOfAnotherConnectionChangesNothing() {
    publish("a");
    int sending = send();

    queue.lost(CONNECTION + 1, now);

    assertThat(queue.awaits(sending)).isTrue();
    assertThat(next()).isEmpty();
  }

  @Test
  void lossOfAConnectionWithNothingInFlightChangesNothing() {
    publish("a");
    send();
    queue.failed(DECLINED, now);

    queue.lost(CONNECTION, now);

    assertThat(next()).isEmpty();
    pass(100);
    assertThat(next()).containsExactly("a");
    assertThat(answers).isEmpty();
  }

  @Test
  void answerToAnEarlierSendingIsNotAwaited() {
    publishWithId("a");
    int first = send();
    assertThat(queue.awaits(first)).isTrue();
    queue.lost(CONNECTION, now);
    assertThat(queue.awaits(first)).isFalse();

    int second = send();

    assertThat(queue.awaits(first)).isFalse();
    assertThat(queue.awaits(second)).isTrue();
  }

  @Test
  void messageThatWasNeverSentIsUnavailableAfterFiveSeconds() {
    publish("a");
    pass(1_000);
    publish("b");
    pass(4_001);
    queue.expire(now);

    assertThat(next()).containsExactly("b");
    assertThat(answers).isEmpty();
    pass(1_000);
    queue.expire(now);
    assertThat(next()).isEmpty();
    assertThat(answered()).containsExactly("a", "b");
    assertThat(outcomes()).containsOnly(PendingMessage.UNAVAILABLE);
  }

  @Test
  void declinedMessageIsUnavailableAfterFiveSeconds() {
    publishWithId("a");
    send();
    pass(5_001);
    queue.failed(DECLINED, now);

    assertThat(next()).isEmpty();
    assertThat(outcomes()).containsExactly(PendingMessage.UNAVAILABLE);
  }

  @Test
  void messageThatMayHaveBeenStoredIsUnconfirmedAfterFiveSeconds() {
    publishWithId("a");
    send();
    queue.lost(CONNECTION, now);
    send();
    queue.failed(DECLINED, now);
    pass(5_001);
    queue.expire(now);

    assertThat(next()).isEmpty();
    assertThat(outcomes()).containsExactly(PendingMessage.UNCONFIRMED);
  }

  @Test
  void messageInFlightIsNotGivenUpBeforeItsAnswer() {
    publish("a");
    send();
    pass(6_000);
    queue.expire(now);
    assertThat(next()).isEmpty();
    assertThat(answers).isEmpty();

    accept(1);

    assertThat(offsets()).containsExactly(1L);
  }

  @Test
  void messageInFlightIsUnconfirmedIfItsConnectionIsLostAfterFiveSeconds() {
    publishWithId("a");
    send();
    pass(6_000);
    queue.expire(now);
    queue.lost(CONNECTION, now);

    assertThat(next()).isEmpty();
    assertThat(outcomes()).containsExactly(PendingMessage.UNCONFIRMED);
  }

  @Test
  void queueIsStuckIfABatchIsUnansweredForFiveSeconds() {
    publish("a");
    assertThat(queue.isStuck(now)).isFalse();
    send();
    pass(5_000);
    assertThat(queue.isStuck(now)).isFalse();
    pass(1);
    assertThat(queue.isStuck(now)).isTrue();
    queue.lost(CONNECTION, now);
    assertThat(queue.isStuck(now)).isFalse();
  }

  @Test
  void messageBeyondTheBudgetIsRefusedInItsPlaceAndNotSent() {
    publish("a");
    budget.add(10_000_000);
    publish("b");
    budget.add(-10_000_000);
    publish("c");

    assertThat(next()).containsExactly("a", "c");
    send();
    accept(1);

    assertThat(answered()).containsExactly("a", "b", "c");
    assertThat(outcomes().get(1)).isEqualTo(PendingMessage.UNAVAILABLE);
    assertThat(((Accepted) outcomes().get(2)).offset()).isEqualTo(2);
    assertThat(budget.held()).isZero();
  }

  @Test
  void messageThatIsPublishedByAnAnswerIsSentNext() {
    queue.publish(message("a"), Account.NOBODY, outcome -> publish("b"), now);
    send();
    accept(1);

    assertThat(next()).containsExactly("b");
  }

  @Test
  void signalWaitsForTheMessagesAheadOfIt() {
    publish("a");
    send();
    publish("b");
    assertThat(queue.isBehind()).isTrue();
    byte[] signal = {1};
    queue.hold(signal);
    publish("c");

    accept(1);
    assertThat(queue.release()).isNull();
    send();
    queue.failed(FULL, now);
    assertThat(next()).isEmpty();

    assertThat(queue.isBehind()).isTrue();
    assertThat(released()).isEqualTo(signal);
    assertThat(queue.release()).isNull();
    assertThat(queue.isBehind()).isFalse();
    assertThat(budget.held()).isZero();
  }

  @Test
  void signalsBeyond256AreDropped() {
    publish("a");
    for (int i = 0; i < 300; i++) {
      queue.hold(new byte[] {(byte) i});
    }
    send();
    accept(1);

    int released = 0;
    for (byte @Nullable [] signal = released(); signal != null; signal = released()) {
      assertThat(signal).containsExactly(released++);
    }
    assertThat(released).isEqualTo(256);
    assertThat(budget.held()).isZero();
  }

  @Test
  void signalBeyondTheBudgetIsDropped() {
    publish("a");
    budget.add(10_000_000);
    queue.hold(new byte[] {1});
    budget.add(-10_000_000);
    send();
    accept(1);

    assertThat(queue.release()).isNull();
    assertThat(budget.held()).isZero();
  }

  @Test
  void actionWaitsForTheMessagesAndSignalsAheadOfIt() {
    Runnable action = () -> answers.clear();
    publish("a");
    queue.hold(new byte[] {1});
    queue.hold(action);
    assertThat(queue.release()).isNull();
    send();
    accept(1);

    assertThat(queue.isIdle()).isTrue();
    assertThat(queue.isBehind()).isTrue();
    assertThat(released()).containsExactly(1);
    assertThat(queue.release()).isEqualTo(new Held.Action(1, action));
    assertThat(queue.isBehind()).isFalse();
  }

  @Test
  void actionsAreNotDroppedWithTheSignalsBeyond256() {
    publish("a");
    for (int i = 0; i < 300; i++) {
      queue.hold(new byte[] {1});
      queue.hold(() -> {});
    }
    send();
    accept(1);

    List<Held> released = new ArrayList<>();
    for (Held held = queue.release(); held != null; held = queue.release()) {
      released.add(held);
    }
    assertThat(released).filteredOn(Held.Action.class::isInstance).hasSize(300);
    assertThat(released).filteredOn(Held.Signal.class::isInstance).hasSize(256);
  }

  @Test
  void actionThatIsHeldByAnAnswerWaitsForTheAnswersBehindIt() {
    queue.publish(message("a"), Account.NOBODY, outcome -> queue.hold(answers::clear), now);
    publish("b");
    send();
    publish("c");
    accept(1);

    assertThat(answered()).containsExactly("b");
    assertThat(queue.release()).isNull();
    send();
    accept(3);
    assertThat(queue.release()).isNotNull();
  }
}
