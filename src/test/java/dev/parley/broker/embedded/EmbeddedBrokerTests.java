package dev.parley.broker.embedded;

import static dev.parley.broker.Instance.message;
import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.broker.BrokerContract;
import dev.parley.broker.Instance;
import dev.parley.broker.LogPage;
import dev.parley.broker.Outcome.Accepted;
import dev.parley.broker.Retention;
import dev.parley.budget.Budget;
import dev.parley.budget.BudgetKind;
import dev.parley.protocol.RoomName;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class EmbeddedBrokerTests extends BrokerContract {
  private final AtomicReference<Duration> passed = new AtomicReference<>(Duration.ZERO);
  private final InstantSource clock = () -> Instant.now().plus(passed.get());
  private final LogMemory memory = new LogMemory(Budget.of(BudgetKind.LOG, 4_000_000));
  private @Nullable RoomStates rooms;

  @Override
  protected Instance create(Retention history) {
    RoomStates shared = rooms;
    if (shared == null) {
      shared = new RoomStates(clock, memory);
      rooms = shared;
    }
    return new Instance(new EmbeddedBroker(shared), history);
  }

  @Override
  protected void moveClock(Duration by) {
    passed.updateAndGet(until -> until.plus(by));
  }

  private RoomStates rooms() {
    return Objects.requireNonNull(rooms);
  }

  @Test
  void idIsRememberedForFiveMinutesAndForgottenAfterTen() {
    Instance.Channel sender = instance().channel(room);
    sender.published(message("once", "id"));

    passed.set(Duration.ofMinutes(5).minusSeconds(1));
    Accepted within = (Accepted) sender.published(message("once", "id"));
    passed.set(Duration.ofMinutes(10).plusSeconds(1));
    Accepted after = (Accepted) sender.published(message("once", "id"));

    assertThat(within.duplicate()).isTrue();
    assertThat(after.duplicate()).isFalse();
  }

  @Test
  void idIsRememberedWhenTheClockStepsBack() {
    Instance.Channel sender = instance().channel(room);
    sender.published(message("once", "id"));

    passed.set(Duration.ofMinutes(-5));
    Accepted again = (Accepted) sender.published(message("once", "id"));

    assertThat(again.duplicate()).isTrue();
  }

  @Test
  void roomIsForgottenWhenNobodyUsesItForAWeek() {
    Instance one = instance();
    Instance.Channel idle = one.channel(room);
    idle.published(message("old"));

    passed.set(Duration.ofDays(7).minusMinutes(1));
    rooms().sweep();
    assertThat(rooms().size()).isEqualTo(1);
    passed.set(Duration.ofDays(7).plusMinutes(1));
    rooms().sweep();

    assertThat(rooms().size()).isZero();
    assertThat(((Accepted) idle.published(message("new"))).offset()).isEqualTo(1);
  }

  @Test
  void roomWithASubscriberIsNotForgotten() {
    Instance one = instance();
    one.channel(room).subscribe();

    passed.set(Duration.ofDays(30));
    rooms().sweep();

    assertThat(rooms().size()).isEqualTo(1);
  }

  @Test
  void publishingAboveTheMemoryOfAllLogsDrivesOutTheOldestOfTheOwnRoom() {
    Instance.Channel quiet = instance().channel(new RoomName("quiet"));
    quiet.published(message("kept"));
    Instance.Channel busy = instance().channel(room);
    for (int i = 0; i < 60; i++) {
      busy.published(message("x".repeat(100_000)));
    }
    LogPage page = busy.read(1, 60);
    assertThat(page.head()).isEqualTo(60);
    assertThat(60 - page.oldest() + 1).isBetween(35L, 40L);
    assertThat(quiet.read(1, 50).entries()).hasSize(1);
    assertThat(memory.isExceeded()).isFalse();
  }

  @Test
  void roomWithoutAMessageIsForgottenSoon() {
    Instance.Channel channel = instance().channel(room);
    channel.subscribe();
    channel.home.run(channel.channel::unsubscribe);
    rooms().sweep();
    assertThat(rooms().size()).isEqualTo(1);

    passed.set(Duration.ofMinutes(11));
    rooms().sweep();
    assertThat(rooms().size()).isZero();
  }
}
