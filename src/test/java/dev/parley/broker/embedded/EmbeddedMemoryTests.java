package dev.parley.broker.embedded;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.broker.Entry;
import dev.parley.broker.Entry.Dedup;
import dev.parley.broker.LogPage;
import dev.parley.broker.Mailbox;
import dev.parley.broker.Outcome;
import dev.parley.broker.Outcome.Accepted;
import dev.parley.broker.Outcome.Refused;
import dev.parley.broker.Present;
import dev.parley.broker.RecordingRoomListener;
import dev.parley.broker.Retention;
import dev.parley.budget.Account;
import dev.parley.budget.Budget;
import dev.parley.budget.BudgetKind;
import dev.parley.budget.Budgets;
import dev.parley.protocol.Content.Form;
import dev.parley.protocol.ErrorCode;
import dev.parley.protocol.RoomName;
import dev.parley.protocol.UserId;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the embedded broker holds is bounded, and who asks for most loses most. */
@Timeout(60)
class EmbeddedMemoryTests {
  private static final long LIMIT = 4_000_000;
  private static final Retention HISTORY =
      new Retention(1_000, Duration.ofHours(24), Long.MAX_VALUE);

  private final AtomicReference<Duration> passed = new AtomicReference<>(Duration.ZERO);
  private final Instant start = Instant.ofEpochMilli(DedupWindow.PERIOD_MS * 5_000_000);
  private final Budget budget = Budget.of(BudgetKind.LOG, LIMIT);
  private final Budgets accounts = Budgets.ofEach(Long.MAX_VALUE);
  private final RoomStates rooms =
      new RoomStates(() -> start.plus(passed.get()), new LogMemory(budget));

  @Test
  void oneMessageInEachOfManyRoomsDrivesOutTheOldestRooms() {
    for (int i = 0; i < 10_000; i++) {
      publish("room" + i, "x".repeat(1_000), "ann", null);
      assertThat(budget.held()).isLessThanOrEqualTo(LIMIT);
    }
    assertThat(page("room9999").entries()).hasSize(1);
    assertThat(rooms.size()).isBetween(1_000, 4_000);
    assertThat(page("room0").head()).as("a new room under the name").isZero();
  }

  @Test
  void roomThatFloodsLosesItsOwnHistoryOnly() {
    for (int i = 0; i < 20; i++) {
      for (int quiet = 0; quiet < 100; quiet++) {
        publish("quiet" + quiet, "hello", "ann", null);
      }
    }
    for (int i = 0; i < 2_000; i++) {
      publish("flood", "x".repeat(20_000), "mallory", null);
      assertThat(budget.held()).isLessThanOrEqualTo(LIMIT);
    }
    for (int quiet = 0; quiet < 100; quiet++) {
      assertThat(page("quiet" + quiet).entries()).hasSize(20);
    }
    LogPage flood = page("flood");
    assertThat(flood.head() - flood.oldest()).isGreaterThan(100);
  }

  @Test
  void roomThatGrewBeforeTheOthersCameGivesWayToThem() {
    for (int i = 0; i < 900; i++) {
      publish("large", "x".repeat(4_000), "mallory", null);
    }
    for (int i = 0; i < 300; i++) {
      publish("small" + i, "x".repeat(4_000), "ann", null);
    }
    assertThat(IntStream.range(0, 300).filter(i -> page("small" + i).entries().size() == 1))
        .hasSize(300);
  }

  @Test
  void whatWasEvictedIsToldFromWhatNeverWas() {
    subscribe("kept");
    Accepted first = (Accepted) publish("kept", "x".repeat(10_000), "ann", null);
    fillWithOtherRooms();

    LogPage page = page("kept");
    Accepted next = (Accepted) publish("kept", "next", "ann", null);

    assertThat(page.epoch()).isEqualTo(first.epoch());
    assertThat(page.entries()).isEmpty();
    assertThat(page.head()).isEqualTo(1);
    assertThat(page.oldest()).isEqualTo(2);
    assertThat(next.offset()).isEqualTo(2);
    assertThat(next.epoch()).isEqualTo(first.epoch());
  }

  @Test
  void roomThatWasEvictedBeginsAnotherEpoch() {
    Accepted first = (Accepted) publish("gone", "x".repeat(10_000), "ann", null);
    fillWithOtherRooms();

    Accepted next = (Accepted) publish("gone", "y", "ann", null);

    assertThat(next.offset()).isEqualTo(1);
    assertThat(next.epoch()).isNotEqualTo(first.epoch());
  }

  @Test
  void roomThatSomebodyIsInIsNotEvicted() {
    rooms.in(
        new RoomName("in"), HISTORY, (room, now) -> room.enter(new UserId("ann"), "Ann", 1, now));
    Accepted first = (Accepted) publish("in", "x", "ann", null);
    fillWithOtherRooms();

    assertThat(((Accepted) publish("in", "y", "ann", null)).epoch()).isEqualTo(first.epoch());
    assertThat(present("in")).hasSize(1);
  }

  @Test
  void floodOfIdsIsRefusedAndOtherUsersAreNot() {
    int accepted = 0;
    while (publish("flood", "x", "mallory", "id" + accepted) instanceof Accepted) {
      accepted++;
      assertThat(budget.held()).isLessThanOrEqualTo(LIMIT);
    }
    assertThat(accepted).as("half of what ids may have").isBetween(15_000, 20_000);
    assertThat(publish("flood", "x", "mallory", "another"))
        .isEqualTo(new Refused<>(ErrorCode.BROKER_UNAVAILABLE));
    assertThat(publish("flood", "x", "mallory", null)).isInstanceOf(Accepted.class);
    for (int user = 0; user < 20; user++) {
      for (int i = 0; i < 50; i++) {
        assertThat(publish("room" + user, "x", "user" + user, "id" + i))
            .isInstanceOf(Accepted.class);
      }
    }
    for (int i = 0; i < accepted; i++) {
      assertThat(((Accepted) publish("flood", "x", "mallory", "id" + i)).duplicate()).isTrue();
    }
  }

  @Test
  void fortyUsersWhoFloodWithIdsLeaveRoomForOthers() {
    for (int i = 0; i < 2_000; i++) {
      for (int user = 0; user < 40; user++) {
        publish("room" + user, "x", "mallory" + user, "id" + i);
      }
    }
    for (int i = 0; i < 200; i++) {
      assertThat(publish("honest", "x", "ann", "id" + i)).isInstanceOf(Accepted.class);
    }
    assertThat(budget.held()).isLessThanOrEqualTo(LIMIT);
  }

  @Test
  void idKeepsARoomAsLongAsItIsRemembered() {
    int accepted = 0;
    while (publish("room" + accepted, "x", "mallory", "id") instanceof Accepted) {
      accepted++;
    }
    assertThat(accepted).as("rooms count for who makes them").isLessThan(3_000);
    fillWithOtherRooms();
    for (int i = 0; i < accepted; i++) {
      assertThat(((Accepted) publish("room" + i, "x", "mallory", "id")).duplicate()).isTrue();
    }
  }

  @Test
  void forgottenIdsMakeRoomForNewOnes() {
    int accepted = 0;
    while (publish("flood", "x", "mallory", "id" + accepted) instanceof Accepted) {
      accepted++;
    }
    passed.set(Duration.ofMinutes(10));
    rooms.sweep();
    assertThat(((Accepted) publish("flood", "x", "mallory", "id0")).duplicate()).isFalse();
    for (int i = 1; i < accepted; i++) {
      assertThat(publish("flood", "x", "mallory", "again" + i)).isInstanceOf(Accepted.class);
    }
  }

  @Test
  void deletedMessagesCountUntilTheyAreEvicted() {
    for (int i = 0; i < 2_000; i++) {
      String room = "room" + i % 4;
      long offset = ((Accepted) publish(room, "x".repeat(100), "ann", null)).offset();
      rooms.in(new RoomName(room), HISTORY, (there, now) -> there.delete(offset, now));
    }
    fillWithOtherRooms();
    passed.set(Duration.ofDays(8));
    rooms.sweep();
    assertThat(rooms.size()).isZero();
    assertThat(budget.held()).isZero();
  }

  @Test
  void allIsGivenBackWhenTheRoomsAreForgotten() {
    for (int i = 0; i < 3_000; i++) {
      publish("room" + i % 500, "x".repeat(i), "user" + i % 7, i % 3 == 0 ? "id" + i : null);
      String user = "user" + i % 11;
      rooms.in(
          new RoomName("room" + i % 20),
          HISTORY,
          (room, now) -> {
            room.enter(new UserId(user), "User", 1, now);
            room.enter(new UserId(user), "User", 2, now);
          });
    }
    for (int i = 0; i < 20; i++) {
      for (int user = 0; user < 11; user++) {
        UserId id = new UserId("user" + user);
        rooms.in(
            new RoomName("room" + i),
            HISTORY,
            (room, now) -> {
              room.exit(id, 1, now);
              room.exit(id, 2, now);
            });
      }
    }
    passed.set(Duration.ofDays(8));
    rooms.sweep();
    assertThat(rooms.size()).isZero();
    assertThat(budget.held()).isZero();
  }

  /** Evicting takes one room's lock at a time, whoever else publishes where. */
  @Test
  void manyThreadsThatEvictEachOthersMessagesGoOn() throws InterruptedException {
    CountDownLatch done = new CountDownLatch(4);
    for (int thread = 0; thread < 4; thread++) {
      int number = thread;
      var _ =
          Thread.startVirtualThread(() -> {
            for (int i = 0; i < 5_000; i++) {
              publish("room" + (number + i) % 50, "x".repeat(2_000), "user" + number, null);
            }
            done.countDown();
          });
    }
    done.await();
    assertThat(budget.held()).isLessThanOrEqualTo(LIMIT);
  }

  private void fillWithOtherRooms() {
    for (int i = 0; i < 2_000; i++) {
      publish("other" + i, "x".repeat(10_000), "bob", null);
    }
  }

  private void subscribe(String name) {
    rooms.in(
        new RoomName(name),
        HISTORY,
        (room, now) ->
            room.subscribe(
                new Subscription(new RecordingRoomListener(), new Mailbox<>(task -> {}, () -> {})),
                now));
  }

  private Outcome<Accepted> publish(String room, String text, String user, @Nullable String id) {
    Dedup dedup = id == null ? null : new Dedup(new UserId(user), id, text.hashCode());
    Entry entry = new Entry(Form.JSON, true, 1, 1, 7, null, text.getBytes(UTF_8), dedup);
    AtomicReference<@Nullable Outcome<Accepted>> outcome = new AtomicReference<>();
    rooms.in(
        new RoomName(room),
        HISTORY,
        (there, now) -> outcome.set(there.publish(entry, sender(user), now)));
    return Objects.requireNonNull(outcome.get());
  }

  private Account sender(String user) {
    return accounts.account(user);
  }

  private LogPage page(String room) {
    AtomicReference<@Nullable LogPage> page = new AtomicReference<>();
    rooms.in(
        new RoomName(room),
        HISTORY,
        (there, now) -> page.set(there.read(1, 1_000, 1_000_000, now)));
    return Objects.requireNonNull(page.get());
  }

  private List<Present> present(String room) {
    AtomicReference<List<Present>> present = new AtomicReference<>(List.of());
    rooms.in(new RoomName(room), HISTORY, (there, now) -> present.set(there.present(null, 10)));
    return Objects.requireNonNull(present.get());
  }
}
