package dev.parley.broker;

import static dev.parley.broker.Instance.message;
import static dev.parley.broker.Instance.soon;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.broker.Entry.Dedup;
import dev.parley.broker.Outcome.Accepted;
import dev.parley.broker.Outcome.Refused;
import dev.parley.protocol.Content.Form;
import dev.parley.protocol.Epoch;
import dev.parley.protocol.ErrorCode;
import dev.parley.protocol.Position;
import dev.parley.protocol.ReadMark;
import dev.parley.protocol.RoomName;
import dev.parley.protocol.UserId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What {@link Broker} promises, whatever carries it. Each subclass runs all of it. Surefire knows
 * these methods by the nested class, so a single one is run with {@code
 * -Dtest='EmbeddedBrokerTests#name,BrokerContract$*#name'}.
 */
@Timeout(60)
public abstract class BrokerContract {
  public static final Retention HISTORY =
      new Retention(1_000, Duration.ofHours(24), Long.MAX_VALUE);

  protected final RoomName room = new RoomName("room-" + UUID.randomUUID());
  private final List<Instance> instances = new ArrayList<>();

  /** Another instance, on the rooms that this test's other instances have. */
  protected abstract Instance create(Retention history);

  /** Sets the broker's clock on or back, as far as this test's room can tell. */
  protected abstract void moveClock(Duration by);

  protected Instance instance(Retention history) {
    Instance instance = create(history);
    instances.add(instance);
    soon().until(instance.broker::isAvailable);
    return instance;
  }

  protected Instance instance() {
    return instance(HISTORY);
  }

  @AfterEach
  void closeInstances() {
    instances.forEach(Instance::close);
  }

  /** What is heard of this room's test, oldest first. */
  protected List<String> controlOf(Instance instance) {
    List<String> heard = new CopyOnWriteArrayList<>();
    instance
        .broker
        .control()
        .listen(message -> {
          String text = new String(message, UTF_8);
          if (text.startsWith(room.value())) {
            heard.add(text);
          }
        });
    return heard;
  }

  /** Sends until it arrives: what was sent before the bus was up is lost. */
  protected void untilHeard(Instance from, List<String> heard) {
    String text = room + " " + UUID.randomUUID();
    soon()
        .until(() -> {
          from.broker.control().send(text.getBytes(UTF_8));
          return heard.contains(text);
        });
  }

  private static boolean isDuplicate(Instance.Channel sender, String id) {
    return ((Accepted) sender.published(message("the same for every id", id))).duplicate();
  }

  /** What a page has, a deleted message as {@code -}. */
  private static List<String> texts(LogPage page) {
    return page.entries().stream()
        .map(entry -> entry.isDeleted() ? "-" : Instance.text(entry))
        .toList();
  }

  @Nested
  class Publishing {
    @Test
    void messageIsAcceptedAndDeliveredToEveryInstance() {
      Instance one = instance();
      Instance two = instance();
      Instance.Channel sender = one.channel(room);
      RecordingRoomListener here = sender.subscribe();
      RecordingRoomListener there = two.channel(room).subscribe();

      Entry entry = message("hello");
      Outcome<Accepted> outcome = sender.published(entry);

      Epoch epoch = here.opened.getFirst().epoch();
      assertThat(outcome).isEqualTo(new Accepted(epoch, 1, entry.timestamp(), false));
      for (RecordingRoomListener heard : List.of(here, there)) {
        soon().untilAsserted(() -> assertThat(heard.texts()).containsExactly("hello"));
        assertThat(heard.messages().getFirst().position()).isEqualTo(new Position(epoch, 1));
      }
    }

    @Test
    void exceptionInOneAnswerDoesNotAffectTheOthers() {
      Instance.Channel sender = instance().channel(room);
      RecordingRoomListener heard = sender.subscribe();
      List<Outcome<Accepted>> answers = new CopyOnWriteArrayList<>();
      sender.home.run(() -> {
        sender.channel.publish(message("first"), answers::add);
        sender.channel.publish(
            message("second"),
            outcome -> {
              throw new IllegalStateException("second");
            });
        sender.channel.publish(message("third"), answers::add);
      });
      soon().until(() -> answers.size() == 2);
      soon().until(() -> heard.count() == 3);
      assertThat(sender.log()).containsExactly("first", "second", "third");
    }

    @Test
    void messagesOfConcurrentPublishersAreNumberedWithoutHolesAndInOrder() {
      Instance one = instance();
      Instance two = instance();
      Instance.Channel ones = one.channel(room);
      RecordingRoomListener here = ones.subscribe();
      RecordingRoomListener there = two.channel(room).subscribe();
      Instance.Channel twos = two.channel(room, two.another());
      Instance.Channel third = one.channel(room, one.another());

      List<Instance.Channel> senders = List.of(ones, twos, third);
      List<CompletableFuture<Outcome<Accepted>>> outcomes = new ArrayList<>();
      for (int i = 0; i < 500; i++) {
        for (int sender = 0; sender < senders.size(); sender++) {
          outcomes.add(senders.get(sender).publish(message(sender + ":" + i)));
        }
      }

      outcomes.forEach(outcome ->
          assertThat(outcome.orTimeout(20, TimeUnit.SECONDS).join()).isInstanceOf(Accepted.class));
      soon().untilAsserted(() -> assertThat(here.events).hasSize(1_501));
      soon().untilAsserted(() -> assertThat(there.events).hasSize(1_501));
      assertThat(here.texts()).isEqualTo(there.texts());
      assertThat(here.offsets()).isEqualTo(LongStream.rangeClosed(1, 1_500).boxed().toList());
      assertThat(there.offsets()).isEqualTo(here.offsets());
      for (int sender = 0; sender < senders.size(); sender++) {
        String prefix = sender + ":";
        assertThat(here.texts().stream().filter(text -> text.startsWith(prefix)))
            .containsExactlyElementsOf(IntStream.range(0, 500).mapToObj(i -> prefix + i).toList());
      }
    }

    @Test
    void answersComeInTheOrderOfTheCalls() {
      Instance one = instance();
      Instance.Channel sender = one.channel(room);
      List<Integer> answered = new ArrayList<>();
      sender.home.run(() -> {
        for (int i = 0; i < 300; i++) {
          int number = i;
          sender.channel.publish(
              i % 3 == 0 ? message("same", "same") : message("m" + i),
              outcome -> answered.add(number));
        }
      });

      soon().until(() -> sender.home.call(answered::size) == 300);
      assertThat(answered).isSorted();
    }

    @Test
    void everyFieldOfAnEntryReachesBusAndLog() {
      Instance one = instance();
      Instance two = instance();
      Instance.Channel sender = one.channel(room);
      Instance.Channel receiver = two.channel(room);
      RecordingRoomListener heard = receiver.subscribe();
      byte[] every = new byte[256];
      for (int i = 0; i < every.length; i++) {
        every[i] = (byte) i;
      }
      byte[] key = "schlüssel".getBytes(UTF_8);
      Entry binary =
          new Entry(Form.BINARY, false, -7, Long.MAX_VALUE, 1_700_000_000_123L, key, every, null);
      Entry empty = new Entry(Form.JSON, true, Long.MIN_VALUE, 0, 1, null, new byte[0], null);

      sender.published(binary);
      sender.published(empty);

      soon().until(() -> heard.messages().size() == 2);
      List<Entry> onBus =
          heard.messages().stream().map(RecordingRoomListener.Message::entry).toList();
      for (List<Entry> received : List.of(onBus, receiver.read(1, 10).entries())) {
        assertThat(received).usingRecursiveComparison().isEqualTo(List.of(binary, empty));
      }
    }
  }

  @Nested
  class Behind {
    @Test
    void actionRunsBehindTheAnswersOfEverythingPublishedBefore() {
      Instance.Channel sender = instance().channel(room);
      List<String> order = new CopyOnWriteArrayList<>();
      List<Integer> logged = new CopyOnWriteArrayList<>();
      sender.home.run(() -> {
        for (int i = 0; i < 200; i++) {
          sender.channel.publish(message("m" + i), outcome -> order.add("answer"));
        }
        sender.channel.behind(() -> {
          order.add("behind");
          sender.channel.read(1, 1_000, page -> logged.add(((LogPage) page).entries().size()));
        });
        sender.channel.behind(() -> order.add("behind it"));
      });

      soon().until(() -> order.size() == 202);
      assertThat(order.subList(0, 200)).containsOnly("answer");
      assertThat(order.subList(200, 202)).containsExactly("behind", "behind it");
      soon().untilAsserted(() -> assertThat(logged).containsExactly(200));
    }

    @Test
    void actionRunsAtOnceIfEverythingIsDecided() {
      Instance.Channel sender = instance().channel(room);
      List<String> order = new ArrayList<>();
      sender.home.run(() -> {
        sender.channel.behind(() -> order.add("behind nothing"));
        order.add("next");
      });
      sender.published(message("m"));
      soon().until(() -> sender.home.call(sender.channel::isIdle));
      sender.home.run(() -> {
        sender.channel.behind(() -> order.add("behind m"));
        order.add("last");
      });
      assertThat(order).containsExactly("behind nothing", "next", "behind m", "last");
    }

    @Test
    void channelIsIdleWhenEverythingIsDecidedAndNothingWaits() {
      Instance.Channel sender = instance().channel(room);
      List<Boolean> idle = new CopyOnWriteArrayList<>();
      sender.home.run(() -> {
        idle.add(sender.channel.isIdle());
        sender.channel.publish(message("m"), outcome -> {});
        idle.add(sender.channel.isIdle());
        sender.channel.behind(() -> {});
        idle.add(sender.channel.isIdle());
      });
      soon().until(() -> sender.home.call(sender.channel::isIdle));
      assertThat(idle).containsExactly(true, false, false);
    }

    @Test
    void actionRunsBehindAPublishThatIsRefused() {
      Instance.Channel sender = instance().channel(room);
      sender.published(message("one", "id"));
      List<Object> order = new CopyOnWriteArrayList<>();
      sender.home.run(() -> {
        sender.channel.publish(message("two", "id"), order::add);
        sender.channel.behind(() -> order.add("behind"));
      });
      soon().until(() -> order.size() == 2);
      assertThat(order).containsExactly(new Refused<>(ErrorCode.ID_CONFLICT), "behind");
    }

    @Test
    void actionRunsWhateverTheAnswersAndTheActionsAheadOfItThrow() {
      Instance.Channel sender = instance().channel(room);
      List<String> ran = new CopyOnWriteArrayList<>();
      sender.home.run(() -> {
        sender.channel.publish(
            message("m"),
            outcome -> {
              throw new IllegalStateException("answer");
            });
        sender.channel.behind(() -> {
          throw new IllegalStateException("action");
        });
        sender.channel.behind(() -> ran.add("second"));
      });
      soon().until(() -> !ran.isEmpty());
      soon().until(() -> sender.home.call(sender.channel::isIdle));
    }

    @Test
    void userExitsBehindItsMessages() {
      Instance.Channel sender = instance().channel(room);
      RecordingRoomListener heard = instance().channel(room).subscribe();
      sender.home.run(() -> sender.channel.enter(Instance.ANN, "Ann"));
      soon().until(() -> heard.presence.size() == 1);
      sender.home.run(() -> {
        for (int i = 0; i < 200; i++) {
          sender.channel.publish(message("m" + i), outcome -> {});
        }
        sender.channel.behind(() -> sender.channel.exit(Instance.ANN));
      });
      soon().until(() -> heard.presence.size() == 2);
      assertThat(heard.events.subList(2, 202))
          .hasOnlyElementsOfType(RecordingRoomListener.Message.class);
      assertThat(heard.events.getLast()).isInstanceOf(PresenceChange.class);
    }
  }

  @Nested
  class Ids {
    @Test
    void repeatedIdIsAnsweredWithTheFirstPublication() {
      Instance one = instance();
      Instance two = instance();
      Instance.Channel sender = one.channel(room);
      RecordingRoomListener heard = sender.subscribe();
      sender.published(message("before"));
      Accepted first = (Accepted) sender.published(message("once", "id"));

      Accepted again = (Accepted) sender.published(message("once", "id"));
      Accepted elsewhere = (Accepted) two.channel(room).published(message("once", "id"));
      sender.published(message("after"));

      assertThat(first.duplicate()).isFalse();
      assertThat(again)
          .isEqualTo(new Accepted(first.epoch(), first.offset(), first.timestamp(), true));
      assertThat(elsewhere).isEqualTo(again);
      soon()
          .untilAsserted(
              () -> assertThat(heard.texts()).containsExactly("before", "once", "after"));
      assertThat(sender.log()).containsExactly("before", "once", "after");
    }

    @Test
    void idRepeatedWithinOneTurnIsStoredOnce() {
      Instance.Channel sender = instance().channel(room);
      List<Outcome<Accepted>> outcomes = new ArrayList<>();
      sender.home.run(() -> {
        sender.channel.publish(message("once", "id"), outcomes::add);
        sender.channel.publish(message("once", "id"), outcomes::add);
        sender.channel.publish(message("else", "id"), outcomes::add);
        sender.channel.publish(message("last"), outcomes::add);
      });

      soon().until(() -> sender.home.call(outcomes::size) == 4);
      assertThat(((Accepted) outcomes.get(0)).duplicate()).isFalse();
      assertThat(((Accepted) outcomes.get(1)).duplicate()).isTrue();
      assertThat(((Accepted) outcomes.get(1)).offset()).isEqualTo(1);
      assertThat(outcomes.get(2)).isEqualTo(new Refused<>(ErrorCode.ID_CONFLICT));
      assertThat(((Accepted) outcomes.get(3)).offset()).isEqualTo(2);
      assertThat(sender.log()).containsExactly("once", "last");
    }

    @Test
    void sameIdWithOtherContentIsAConflictAndStoresNothing() {
      Instance.Channel sender = instance().channel(room);
      sender.published(message("one", "id"));

      Outcome<Accepted> outcome = sender.published(message("two", "id"));

      assertThat(outcome).isEqualTo(new Refused<>(ErrorCode.ID_CONFLICT));
      assertThat(sender.log()).containsExactly("one");
    }

    @Test
    void sameIdOfAnotherUserOrInAnotherRoomIsAnotherMessage() {
      Instance one = instance();
      Instance.Channel sender = one.channel(room);
      sender.published(message("mine", "id"));
      Entry theirs =
          new Entry(
              Form.JSON,
              true,
              1,
              1,
              5,
              null,
              "theirs".getBytes(UTF_8),
              new Dedup(new UserId("bob"), "id", 7));

      assertThat(((Accepted) sender.published(theirs)).duplicate()).isFalse();
      Instance.Channel other = one.channel(new RoomName("other-" + UUID.randomUUID()));
      assertThat(((Accepted) other.published(message("mine", "id"))).duplicate()).isFalse();
    }

    @Test
    void messagesWithoutAnIdAreNeverDuplicates() {
      Instance.Channel sender = instance().channel(room);

      sender.published(message("same"));
      sender.published(message("same"));

      assertThat(sender.log()).containsExactly("same", "same");
    }

    @Test
    void idOfADeletedMessageIsAnsweredWithTheFirstPublication() {
      Instance.Channel sender = instance().channel(room);
      Accepted first = (Accepted) sender.published(message("once", "id"));
      sender.delete(1);

      Accepted again = (Accepted) sender.published(message("once", "id"));

      assertThat(again)
          .isEqualTo(new Accepted(first.epoch(), first.offset(), first.timestamp(), true));
      assertThat(texts(sender.read(1, 10))).containsExactly("-");
    }
  }

  @Nested
  class Subscribing {
    @Test
    void emptyRoomHasAnEpochAndNoMessages() {
      Head head = instance().channel(room).subscribe().opened.getFirst();

      assertThat(head.offset()).isZero();
      assertThat(head.epoch()).isNotEqualTo(Epoch.NONE);
      assertThat(head.lineage()).isEmpty();
      assertThat(head.members()).isZero();
      assertThat(head.large()).isFalse();
    }

    @Test
    void headComesBeforeAnyMessageWhileOthersPublish() {
      Instance one = instance();
      Instance two = instance();
      Instance.Channel sender = one.channel(room);
      List<CompletableFuture<Outcome<Accepted>>> outcomes = new ArrayList<>();
      for (int i = 0; i < 500; i++) {
        outcomes.add(sender.publish(message("m" + i)));
      }
      RecordingRoomListener heard = two.channel(room).subscribe();
      outcomes.forEach(outcome -> outcome.orTimeout(20, TimeUnit.SECONDS).join());
      sender.published(message("last"));

      soon().until(() -> heard.texts().contains("last"));
      assertThat(heard.events.getFirst()).isInstanceOf(Head.class);
      long head = heard.opened.getFirst().offset();
      assertThat(heard.offsets()).isEqualTo(LongStream.rangeClosed(head + 1, 501).boxed().toList());
    }

    @Test
    void reopenedRoomHasTheHeadOfItsLog() {
      Instance one = instance();
      Instance.Channel sender = one.channel(room);
      Epoch epoch = sender.subscribe().opened.getFirst().epoch();
      sender.home.run(sender.channel::unsubscribe);
      sender.published(message("missed"));

      Head head = sender.subscribe().opened.getFirst();

      assertThat(head.epoch()).isEqualTo(epoch);
      assertThat(head.offset()).isEqualTo(1);
      assertThat(head.continues(new Position(epoch, 1))).isTrue();
      assertThat(head.continues(new Position(epoch, 2))).isFalse();
    }

    @Test
    void listenerIsNotCalledAfterUnsubscribe() {
      Instance one = instance();
      Instance.Channel sender = one.channel(room);
      RecordingRoomListener gone = sender.subscribe();
      RecordingRoomListener left = instance().channel(room).subscribe();
      int heard =
          sender.home.call(() -> {
            sender.channel.publish(message("in flight"), outcome -> {});
            sender.channel.unsubscribe();
            return gone.events.size();
          });
      sender.published(message("later"));

      soon().untilAsserted(() -> assertThat(left.texts()).contains("later"));
      sender.home.run(() -> {});
      assertThat(gone.events).hasSize(heard);
    }
  }

  @Nested
  class SignalsAndTyping {
    @Test
    void signalIsDeliveredButNotStored() {
      Instance one = instance();
      Instance.Channel sender = one.channel(room);
      RecordingRoomListener heard = instance().channel(room).subscribe();
      Entry signal = new Entry(Form.BINARY, true, 3, 4, 5, null, new byte[] {0, (byte) 0xFF}, null);

      sender.home.run(() -> sender.channel.signal(signal));

      soon().until(() -> heard.events.size() == 2);
      assertThat(heard.events.getLast()).usingRecursiveComparison().isEqualTo(signal);
      assertThat(sender.read(1, 10).head()).isZero();
    }

    @Test
    void signalComesAfterTheMessagesPublishedBeforeIt() {
      Instance one = instance();
      Instance.Channel sender = one.channel(room);
      RecordingRoomListener heard = instance().channel(room).subscribe();
      sender.home.run(() -> {
        for (int i = 0; i < 200; i++) {
          sender.channel.publish(message("m" + i), outcome -> {});
        }
        sender.channel.signal(message("signal"));
      });

      soon().until(() -> !heard.only(Entry.class).isEmpty());
      int at = heard.events.indexOf(heard.only(Entry.class).getFirst());
      assertThat(heard.events.subList(1, at)).hasSize(200);
    }

    @Test
    void typingIsDelivered() {
      Instance.Channel sender = instance().channel(room);
      RecordingRoomListener heard = instance().channel(room).subscribe();
      Typing typing = new Typing(-1, 9, new UserId("auth0|1"), "Ann Ünal", true);

      sender.home.run(() -> sender.channel.typing(typing));

      soon().until(() -> heard.events.size() == 2);
      assertThat(heard.events.getLast()).isEqualTo(typing);
    }
  }

  @Nested
  class LogPages {
    @Test
    void pageHasTheMessagesThatWereAskedFor() {
      Instance.Channel sender = instance().channel(room);
      for (int i = 1; i <= 40; i++) {
        var _ = sender.publish(message("m" + i));
      }
      sender.published(message("m41"));

      LogPage page = sender.read(11, 20);
      assertThat(page.head()).isEqualTo(41);
      assertThat(page.oldest()).isEqualTo(1);
      assertThat(page.first()).isEqualTo(11);
      assertThat(page.entries().stream().map(Instance::text))
          .containsExactlyElementsOf(IntStream.rangeClosed(11, 30).mapToObj(i -> "m" + i).toList());
      assertThat(sender.read(40, 100).entries()).hasSize(2);
      assertThat(sender.read(42, 100).entries()).isEmpty();
      assertThat(sender.read(0, 100).first()).isEqualTo(1);
    }

    @Test
    void emptyLogHasAnEmptyPage() {
      Instance.Channel channel = instance().channel(room);
      Epoch epoch = channel.subscribe().opened.getFirst().epoch();

      LogPage page = channel.read(1, 10);

      assertThat(page.epoch()).isEqualTo(epoch);
      assertThat(page.head()).isZero();
      assertThat(page.oldest()).isEqualTo(1);
      assertThat(page.entries()).isEmpty();
    }

    @Test
    void pageEndsAtOneMebibyteButHasAtLeastOneEntry() {
      Instance.Channel sender = instance().channel(room);
      String large = "x".repeat(300 * 1024);
      for (int i = 0; i < 5; i++) {
        sender.published(message(large));
      }
      sender.published(message("y".repeat(1_500_000)));

      assertThat(sender.read(1, 100).entries()).hasSize(3);
      assertThat(sender.read(4, 100).entries()).hasSize(2);
      assertThat(sender.read(6, 100).entries()).hasSize(1);
    }

    @Test
    void pageEndsAtTheRequestedBytesButHasAtLeastOneEntry() {
      Instance.Channel sender = instance().channel(room);
      for (int i = 0; i < 5; i++) {
        sender.published(message("x".repeat(30 * 1024)));
      }

      assertThat(sender.read(1, 100, 100 * 1024).entries()).hasSize(3);
      assertThat(sender.read(4, 100, 100 * 1024).entries()).hasSize(2);
      assertThat(sender.read(1, 100, 1).entries()).hasSize(1);
    }
  }

  @Nested
  class Trimming {
    @Test
    void logKeepsAsManyMessagesAsConfigured() {
      Instance.Channel sender =
          instance(new Retention(10, Duration.ofHours(1), Long.MAX_VALUE)).channel(room);
      for (int i = 1; i <= 250; i++) {
        var _ = sender.publish(message("m" + i));
      }
      Accepted last = (Accepted) sender.published(message("m251"));

      LogPage page = sender.read(1, 1_000);

      assertThat(last.offset()).isEqualTo(251);
      assertThat(page.oldest()).isEqualTo(242);
      assertThat(page.first()).isEqualTo(242);
      assertThat(page.head()).isEqualTo(251);
      assertThat(page.entries().stream().map(Instance::text))
          .containsExactlyElementsOf(
              IntStream.rangeClosed(242, 251).mapToObj(i -> "m" + i).toList());
    }

    @Test
    void logKeepsAsManyBytesAsConfigured() {
      Instance.Channel sender =
          instance(new Retention(1_000, Duration.ofHours(1), 20_000)).channel(room);
      for (int i = 1; i <= 100; i++) {
        sender.published(message("x".repeat(1_000)));
        LogPage page = sender.read(1, 1_000);
        assertThat(page.oldest()).isGreaterThan(i - 20);
        assertThat(page.oldest()).isLessThanOrEqualTo(Math.max(1, i - 15));
        assertThat(page.entries()).hasSize((int) (i - page.oldest() + 1));
      }
      sender.published(message("x".repeat(19_500)));
      assertThat(sender.read(1, 1_000).oldest()).isEqualTo(101);
      sender.published(message("x".repeat(20_001)));
      assertThat(sender.read(1, 1_000).oldest()).isEqualTo(103);
      sender.published(message("small"));
      assertThat(sender.log()).containsExactly("small");
    }

    @Test
    void eachRoomKeepsWhatItsChannelSays() {
      Instance instance = instance();
      RoomName other = new RoomName(room + "-short");
      RoomChannel brief =
          instance.home.call(() ->
              instance.broker.channel(
                  other, new Retention(2, Duration.ofHours(1), 1_000), instance.home));
      Instance.Channel sender = instance.channel(room);
      for (int i = 1; i <= 5; i++) {
        String text = "m" + i;
        instance.home.run(() -> brief.publish(message(text), outcome -> {}));
        sender.published(message(text));
      }
      CompletableFuture<Outcome<LogPage>> page = new CompletableFuture<>();
      instance.home.run(() -> brief.read(1, 100, page::complete));
      assertThat(texts((LogPage) page.join())).containsExactly("m4", "m5");
      assertThat(sender.log()).hasSize(5);
    }

    @Test
    void roomWithoutHistoryStillNumbersAndDeliversMessages() {
      Instance.Channel sender =
          instance(new Retention(0, Duration.ofHours(1), Long.MAX_VALUE)).channel(room);
      RecordingRoomListener heard = sender.subscribe();
      sender.published(message("one"));
      sender.published(message("two"));

      soon().untilAsserted(() -> assertThat(heard.offsets()).containsExactly(1L, 2L));
      LogPage page = sender.read(1, 10);
      assertThat(page.entries()).isEmpty();
      assertThat(page.oldest()).isEqualTo(3);
      assertThat(page.head()).isEqualTo(2);
    }

    @Test
    void messagesOlderThanTheRetentionAreTrimmed() {
      Instance.Channel sender =
          instance(new Retention(1_000, Duration.ofHours(1), Long.MAX_VALUE)).channel(room);
      for (int i = 1; i <= 20; i++) {
        sender.published(message("old"));
      }
      moveClock(Duration.ofMinutes(59));
      assertThat(sender.log()).hasSize(20);
      moveClock(Duration.ofMinutes(2));
      assertThat(sender.log()).isEmpty();

      Accepted next = (Accepted) sender.published(message("new"));
      LogPage page = sender.read(1, 100);

      assertThat(next.offset()).isEqualTo(21);
      assertThat(page.oldest()).isEqualTo(21);
      assertThat(page.entries()).hasSize(1);
    }

    @Test
    void messagesWithinTheRetentionAreKept() {
      Instance.Channel sender =
          instance(new Retention(1_000, Duration.ofHours(1), Long.MAX_VALUE)).channel(room);
      for (int i = 1; i <= 30; i++) {
        var _ = sender.publish(message("old"));
      }
      sender.published(message("old"));
      moveClock(Duration.ofMinutes(40));
      for (int i = 1; i <= 5; i++) {
        sender.published(message("new"));
      }
      moveClock(Duration.ofMinutes(30));

      assertThat(sender.read(1, 100).oldest()).isEqualTo(32);
      assertThat(sender.log()).containsExactly("new", "new", "new", "new", "new");
    }

    @Test
    void tombstonesAreTrimmedWithTheLog() {
      Instance.Channel sender =
          instance(new Retention(1_000, Duration.ofHours(1), Long.MAX_VALUE)).channel(room);
      for (int i = 1; i <= 6; i++) {
        sender.published(message("old"));
      }
      sender.delete(1);
      sender.delete(4);
      sender.delete(6);
      moveClock(Duration.ofMinutes(40));
      assertThat(sender.read(1, 100).oldest()).isEqualTo(1);
      sender.published(message("m7"));
      sender.published(message("m8"));
      sender.delete(7);

      moveClock(Duration.ofMinutes(30));
      assertThat(sender.read(1, 100).oldest()).isEqualTo(7);
      assertThat(texts(sender.read(1, 100))).containsExactly("-", "m8");
      moveClock(Duration.ofMinutes(31));
      assertThat(sender.read(1, 100).oldest()).isEqualTo(9);
      assertThat(sender.read(1, 100).entries()).isEmpty();
      assertThat(sender.delete(8)).isEqualTo(Deletion.ABSENT);
    }
  }

  @Nested
  class Histories {
    @Test
    void pagesInBothDirectionsHaveAllThatIsLeft() {
      Instance.Channel sender = instance().channel(room);
      @Nullable Accepted last = null;
      List<Long> left = new ArrayList<>();
      for (int i = 1; i <= 200; i++) {
        last = (Accepted) sender.published(message("m" + i));
      }
      for (long i = 1; i <= 200; i++) {
        if (i % 3 == 0 || (i > 60 && i < 140) || i < 5 || i > 195) {
          sender.delete(i);
        } else {
          left.add(i);
        }
      }
      for (int size : new int[] {1, 7, 16, 17, 500}) {
        assertThat(all(sender, 1, false, size)).isEqualTo(left);
        assertThat(all(sender, Long.MAX_VALUE >> 11, true, size)).isEqualTo(left.reversed());
      }
      HistoryPage page = sender.history(140, true, 1, 1_000);
      assertThat(page.epoch()).isEqualTo(Objects.requireNonNull(last).epoch());
      assertThat(page.messages().getFirst().offset()).isEqualTo(140);
      assertThat(Instance.text(page.messages().getFirst().entry())).isEqualTo("m140");
      assertThat(sender.history(4, true, 10, 1_000))
          .satisfies(none -> {
            assertThat(none.messages()).isEmpty();
            assertThat(none.more()).isFalse();
          });
      assertThat(sender.history(0, true, 10, 1_000).messages()).isEmpty();
      assertThat(sender.history(201, false, 10, 1_000).messages()).isEmpty();
    }

    @Test
    void pageEndsAtItsBytesAndWhereTheLogBegins() {
      Instance.Channel sender =
          instance(new Retention(10, Duration.ofHours(1), Long.MAX_VALUE)).channel(room);
      for (int i = 1; i <= 300; i++) {
        var _ = sender.publish(message("x".repeat(1_000)));
      }
      sender.published(message("x".repeat(1_000)));
      assertThat(offsets(sender.history(301, true, 100, 4_500))).hasSize(4).startsWith(301L);
      assertThat(sender.history(301, true, 100, 4_500).more()).isTrue();
      assertThat(offsets(sender.history(1, false, 100, 1))).containsExactly(292L);
      assertThat(offsets(sender.history(301, true, 100, 100_000))).hasSize(10).endsWith(292L);
      assertThat(sender.history(301, true, 10, 100_000).more()).isFalse();
      moveClock(Duration.ofMinutes(61));
      assertThat(sender.history(301, true, 10, 100_000).messages()).isEmpty();
    }

    private static List<Long> all(Instance.Channel from, long offset, boolean older, int size) {
      List<Long> all = new ArrayList<>();
      HistoryPage page = from.history(offset, older, size, 1_000_000);
      all.addAll(offsets(page));
      while (page.more()) {
        page = from.history(all.getLast() + (older ? -1 : 1), older, size, 1_000_000);
        assertThat(page.messages()).isNotEmpty().hasSizeLessThanOrEqualTo(size);
        all.addAll(offsets(page));
      }
      return all;
    }

    private static List<Long> offsets(HistoryPage page) {
      return page.messages().stream().map(HistoryPage.Message::offset).toList();
    }
  }

  @Nested
  class Deleting {
    @Test
    void deletedMessageBecomesATombstoneAndEveryInstanceIsToldInOrder() {
      Instance.Channel one = instance().channel(room);
      Instance.Channel two = instance().channel(room);
      List<RecordingRoomListener> listeners = List.of(one.subscribe(), two.subscribe());
      one.published(message("m1"));
      one.published(message("m2"));
      one.published(message("m3"));

      Outcome<Deletion> deletion = two.delete(2);
      one.published(message("m4"));

      assertThat(deletion).isEqualTo(Deletion.DELETED);
      for (RecordingRoomListener heard : listeners) {
        soon().until(() -> heard.count() == 4);
        assertThat(heard.events.indexOf(new RecordingRoomListener.Deleted(2))).isEqualTo(4);
        assertThat(heard.events).hasSize(6);
      }
      for (Instance.Channel channel : List.of(one, two)) {
        LogPage page = channel.read(1, 10);
        assertThat(texts(page)).containsExactly("m1", "-", "m3", "m4");
        assertThat(page.first()).isEqualTo(1);
        assertThat(page.oldest()).isEqualTo(1);
        assertThat(page.head()).isEqualTo(4);
        assertThat(texts(channel.read(2, 1))).containsExactly("-");
        assertThat(texts(channel.read(2, 2))).containsExactly("-", "m3");
        assertThat(texts(channel.read(1, 2))).containsExactly("m1", "-");
      }
    }

    @Test
    void messageCanBeDeletedOnlyOnce() {
      Instance.Channel one = instance().channel(room);
      RecordingRoomListener heard = one.subscribe();
      one.published(message("m1"));

      assertThat(one.delete(1)).isEqualTo(Deletion.DELETED);
      assertThat(instance().channel(room).delete(1)).isEqualTo(Deletion.ABSENT);
      assertThat(one.delete(1)).isEqualTo(Deletion.ABSENT);
      one.published(message("m2"));

      soon().until(() -> heard.count() == 2);
      assertThat(heard.only(RecordingRoomListener.Deleted.class))
          .containsExactly(new RecordingRoomListener.Deleted(1));
    }

    @Test
    void messageThatIsNotInTheLogCannotBeDeleted() {
      Instance.Channel sender =
          instance(new Retention(10, Duration.ofHours(1), Long.MAX_VALUE)).channel(room);
      assertThat(sender.delete(1)).isEqualTo(Deletion.ABSENT);
      for (int i = 1; i <= 249; i++) {
        var _ = sender.publish(message("m" + i));
      }
      sender.published(message("m250"));

      assertThat(sender.delete(240)).isEqualTo(Deletion.ABSENT);
      assertThat(sender.delete(251)).isEqualTo(Deletion.ABSENT);
      assertThat(sender.delete(0)).isEqualTo(Deletion.ABSENT);
      assertThat(sender.delete(241)).isEqualTo(Deletion.DELETED);
      assertThat(sender.delete(250)).isEqualTo(Deletion.DELETED);

      LogPage page = sender.read(1, 100);
      assertThat(page.oldest()).isEqualTo(241);
      assertThat(page.head()).isEqualTo(250);
      assertThat(texts(page))
          .containsExactly(
              "-", "m242", "m243", "m244", "m245", "m246", "m247", "m248", "m249", "-");
      assertThat(((Accepted) sender.published(message("m251"))).offset()).isEqualTo(251);
      assertThat(sender.read(1, 100).oldest()).isEqualTo(242);
    }

    @Test
    void logWhoseMessagesAreAllDeletedKeepsItsOffsets() {
      Instance.Channel sender = instance().channel(room);
      for (int i = 1; i <= 40; i++) {
        sender.published(message("m" + i));
      }
      for (int i = 1; i <= 40; i++) {
        assertThat(sender.delete(i)).isEqualTo(Deletion.DELETED);
      }

      LogPage page = sender.read(1, 100);
      assertThat(page.oldest()).isEqualTo(1);
      assertThat(page.first()).isEqualTo(1);
      assertThat(texts(page)).hasSize(40).containsOnly("-");
      assertThat(sender.read(31, 5).entries()).hasSize(5);
      sender.published(message("m41"));
      assertThat(texts(sender.read(40, 100))).containsExactly("-", "m41");
      assertThat(texts(sender.read(1, 100))).hasSize(41);
    }

    @Test
    void pagesAcrossManyDeletionsHaveNoHoles() {
      Instance.Channel sender = instance().channel(room);
      for (int i = 1; i < 200; i++) {
        var _ = sender.publish(message("m" + i));
      }
      sender.published(message("m200"));
      List<String> expected = new ArrayList<>();
      for (int i = 1; i <= 200; i++) {
        boolean deleted = i % 3 == 0 || (i > 60 && i < 100) || i > 195;
        if (deleted) {
          sender.delete(i);
        }
        expected.add(deleted ? "-" : "m" + i);
      }

      assertThat(texts(sender.read(1, 1_000))).isEqualTo(expected);
      for (int size : new int[] {1, 7, 16, 17, 64}) {
        List<String> read = new ArrayList<>();
        while (read.size() < 200) {
          LogPage page = sender.read(read.size() + 1, size);
          assertThat(page.first()).isEqualTo(read.size() + 1);
          assertThat(page.entries()).isNotEmpty().hasSizeLessThanOrEqualTo(size);
          read.addAll(texts(page));
        }
        assertThat(read).isEqualTo(expected);
      }
    }

    @Test
    void headListsDeletedMessages() {
      Instance.Channel sender = instance().channel(room);
      for (int i = 1; i <= 5; i++) {
        sender.published(message("m" + i));
      }
      sender.delete(2);
      sender.delete(4);

      assertThat(instance().channel(room).subscribe().opened.getFirst().deleted())
          .containsExactlyInAnyOrder(2L, 4L);
    }
  }

  @Nested
  class Clock {
    @Test
    void idsAreRememberedWhenTheClockIsSetBackByHours() {
      Instance.Channel sender = instance().channel(room);
      assertThat(isDuplicate(sender, "before")).isFalse();

      moveClock(Duration.ofHours(-3));
      assertThat(isDuplicate(sender, "before")).isTrue();
      assertThat(isDuplicate(sender, "behind")).isFalse();
      moveClock(Duration.ofMinutes(4));
      assertThat(isDuplicate(sender, "before")).isTrue();
      assertThat(isDuplicate(sender, "behind")).isTrue();
      moveClock(Duration.ofHours(-3));
      assertThat(isDuplicate(sender, "before")).isTrue();
      assertThat(isDuplicate(sender, "behind")).isTrue();
    }

    @Test
    void idsAreNeitherForgottenNorKeptForHoursWhenTheClockWasAhead() {
      Instance.Channel sender = instance().channel(room);
      moveClock(Duration.ofHours(5));
      assertThat(isDuplicate(sender, "ahead")).isFalse();

      moveClock(Duration.ofHours(-5));
      assertThat(isDuplicate(sender, "ahead")).isTrue();
      assertThat(isDuplicate(sender, "back")).isFalse();
      moveClock(Duration.ofMinutes(4));
      assertThat(isDuplicate(sender, "ahead")).isTrue();
      assertThat(isDuplicate(sender, "back")).isTrue();
      moveClock(Duration.ofMinutes(3));
      assertThat(isDuplicate(sender, "next period")).isFalse();
      moveClock(Duration.ofMinutes(4));
      assertThat(isDuplicate(sender, "ahead")).isFalse();
      assertThat(isDuplicate(sender, "back")).isFalse();
      assertThat(isDuplicate(sender, "next period")).isTrue();
    }

    @Test
    void messagesAreNotTrimmedEarlyWhenTheClockIsSetBack() {
      Instance.Channel sender =
          instance(new Retention(1_000, Duration.ofHours(1), Long.MAX_VALUE)).channel(room);
      sender.published(message("before"));
      moveClock(Duration.ofHours(-3));
      sender.published(message("behind"));

      assertThat(sender.log()).containsExactly("before", "behind");
      moveClock(Duration.ofMinutes(30));
      assertThat(sender.log()).containsExactly("before", "behind");
      moveClock(Duration.ofHours(4));
      assertThat(sender.log()).isEmpty();
    }

    @Test
    void messagesOfAClockThatWasAheadAreTrimmedWhenItGetsThere() {
      Instance.Channel sender =
          instance(new Retention(1_000, Duration.ofHours(1), Long.MAX_VALUE)).channel(room);
      moveClock(Duration.ofHours(5));
      sender.published(message("ahead"));
      moveClock(Duration.ofHours(-5));
      sender.published(message("back"));

      assertThat(sender.log()).containsExactly("ahead", "back");
      moveClock(Duration.ofHours(7));
      sender.published(message("new"));
      assertThat(sender.log()).containsExactly("new");
    }
  }

  @Nested
  class Presence {
    @Test
    void userIsAnnouncedOnceAcrossInstances() {
      Instance one = instance();
      Instance two = instance();
      Instance.Channel ones = one.channel(room);
      Instance.Channel twos = two.channel(room);
      RecordingRoomListener heard = ones.subscribe();
      UserId bob = new UserId("bob");

      ones.home.run(() -> ones.channel.enter(Instance.ANN, "Ann \"Ü\""));
      soon().until(() -> heard.presence.size() == 1);
      twos.home.run(() -> twos.channel.enter(Instance.ANN, "Ann"));
      ones.home.run(() -> ones.channel.enter(Instance.ANN, "Ann"));
      twos.home.run(() -> twos.channel.enter(bob, "Bob"));
      soon().until(() -> heard.presence.size() == 2);
      ones.home.run(() -> ones.channel.exit(Instance.ANN));
      ones.home.run(() -> ones.channel.exit(bob));
      twos.home.run(() -> twos.channel.exit(bob));
      soon().until(() -> heard.presence.size() == 3);
      twos.home.run(() -> twos.channel.exit(Instance.ANN));
      soon().until(() -> heard.presence.size() == 4);

      assertThat(heard.presence)
          .usingRecursiveFieldByFieldElementComparatorIgnoringFields("timestamp")
          .containsExactly(
              new PresenceChange(Instance.ANN, "Ann \"Ü\"", true, 0, 1, 1, false),
              new PresenceChange(bob, "Bob", true, 0, 2, 2, false),
              new PresenceChange(bob, "Bob", false, 0, 1, 3, false),
              new PresenceChange(Instance.ANN, "Ann \"Ü\"", false, 0, 0, 4, false));
      assertThat(heard.presence.getFirst().timestamp())
          .isBetween(System.currentTimeMillis() - 60_000, System.currentTimeMillis() + 60_000);
    }

    @Test
    void anyInstanceKnowsWhetherAUserIsInTheRoom() {
      Instance.Channel one = instance().channel(room);
      Instance.Channel two = instance().channel(room);
      assertThat(two.isPresent(Instance.ANN)).isFalse();
      one.home.run(() -> one.channel.enter(Instance.ANN, "Ann"));
      soon().until(() -> two.isPresent(Instance.ANN));
      assertThat(two.isPresent(new UserId("an"))).isFalse();
      one.home.run(() -> one.channel.exit(Instance.ANN));
      soon().until(() -> !two.isPresent(Instance.ANN));
    }

    @Test
    void usersOfAllInstancesAreListedInPages() {
      Instance.Channel one = instance().channel(room);
      Instance.Channel two = instance().channel(room);
      assertThat(one.present(null, 10)).isEmpty();
      List<String> ids = IntStream.range(0, 600).mapToObj(i -> "u" + i).sorted().toList();
      one.home.run(
          () -> ids.forEach(id -> one.channel.enter(new UserId(id), "Name \"" + id + "\"")));
      soon().until(() -> one.present(null, 1_000).size() == 600);
      two.home.run(() -> two.channel.enter(new UserId("u7"), "Other"));
      soon().until(() -> one.present(new UserId("u69"), 1).getFirst().instances() == 2);

      assertThat(((PresentUsers) one.outcomeOfPresent(null, 599)).more()).isTrue();
      assertThat(((PresentUsers) one.outcomeOfPresent(null, 600)).more()).isFalse();
      List<Present> listed = new ArrayList<>();
      List<Present> page = two.present(null, 250);
      while (!page.isEmpty()) {
        listed.addAll(page);
        page = two.present(listed.getLast().user(), 250);
      }

      assertThat(listed.stream().map(each -> each.user().value())).containsExactlyElementsOf(ids);
      Present seventh = one.present(new UserId("u69"), 1).getFirst();
      assertThat(seventh.user()).isEqualTo(new UserId("u7"));
      assertThat(seventh.username()).isEqualTo("Name \"u7\"");
      assertThat(seventh.since())
          .isBetween(System.currentTimeMillis() - 60_000, System.currentTimeMillis() + 60_000);
    }

    @Test
    void headCountsMembers() {
      Instance one = instance();
      Instance.Channel channel = one.channel(room);
      RecordingRoomListener heard = instance().channel(room).subscribe();
      channel.home.run(() -> {
        channel.channel.enter(Instance.ANN, "Ann");
        channel.channel.enter(new UserId("bob"), "Bob");
        channel.channel.exit(new UserId("bob"));
        channel.channel.enter(new UserId("bob"), "Bob");
      });
      soon().until(() -> heard.presence.stream().anyMatch(change -> change.members() == 2));

      Head head = channel.subscribe().opened.getFirst();

      assertThat(head.members()).isEqualTo(2);
      assertThat(head.presenceVersion()).isEqualTo(heard.presence.getLast().version());
    }

    @Test
    void roomIsLargeAboveAThousandMembersUntilBelowEightHundred() {
      Instance one = instance();
      Instance.Channel channel = one.channel(room);
      RecordingRoomListener heard = channel.subscribe();
      channel.home.run(() -> {
        for (int i = 1; i <= 1_001; i++) {
          channel.channel.enter(new UserId("u" + i), "U");
        }
      });
      soon().until(() -> heard.presence.size() == 1_001);
      channel.home.run(() -> {
        for (int i = 1; i <= 202; i++) {
          channel.channel.exit(new UserId("u" + i));
        }
      });
      soon().until(() -> heard.presence.size() == 1_203);

      for (PresenceChange change : heard.presence) {
        boolean expected = change.joined() ? change.members() > 1_000 : change.members() >= 800;
        assertThat(change.large()).as(change.toString()).isEqualTo(expected);
      }
      assertThat(heard.presence.stream().map(PresenceChange::version))
          .containsExactlyElementsOf(LongStream.rangeClosed(1, 1_203).boxed().toList());
      assertThat(instance().channel(room).subscribe().opened.getFirst().large()).isFalse();
    }
  }

  @Nested
  class Reading {
    private static final UserId BOB = new UserId("bob");
    private static final UserId CAT = new UserId("cat");

    private Instance.Channel roomWith(Instance instance, int messages) {
      Instance.Channel channel = instance.channel(room);
      for (int i = 1; i <= messages; i++) {
        channel.published(message("m" + i));
      }
      return channel;
    }

    @Test
    void markMovesForwardOnlyAndNotBeyondTheHead() {
      Instance.Channel channel = roomWith(instance(), 5);
      for (long[] step : new long[][] {{2, 2}, {1, 2}, {2, 2}, {4, 4}, {1_000, 5}}) {
        assertThat(channel.markRead(new ReadMark(Instance.ANN, step[0]))).isTrue();
        ReadMarks marks = channel.readMarks(List.of(Instance.ANN, BOB), null, 10);
        assertThat(marks.own()).as("after %d", step[0]).containsExactly(step[1], 0L);
        assertThat(marks.newest()).containsExactly(new ReadMark(Instance.ANN, step[1]));
        assertThat(marks.head()).isEqualTo(5);
      }
      assertThat(channel.log()).as("no entry of the log").hasSize(5);
    }

    @Test
    void marksThatMovedAreToldToEveryInstanceInOrderWithMessages() {
      Instance one = instance();
      Instance two = instance();
      Instance.Channel ones = roomWith(one, 3);
      RecordingRoomListener here = ones.subscribe();
      RecordingRoomListener there = two.channel(room).subscribe();

      ones.markRead(new ReadMark(Instance.ANN, 2), new ReadMark(BOB, 9));
      ones.markRead(new ReadMark(Instance.ANN, 1), new ReadMark(CAT, 1));
      ones.markRead(new ReadMark(Instance.ANN, 2));
      ones.published(message("end"));

      for (RecordingRoomListener heard : List.of(here, there)) {
        soon().untilAsserted(() -> assertThat(heard.texts()).containsExactly("end"));
        assertThat(heard.only(ReadMark.class))
            .containsExactlyInAnyOrder(
                new ReadMark(Instance.ANN, 2), new ReadMark(BOB, 3), new ReadMark(CAT, 1));
      }
      assertThat(two.channel(room).readMarks(List.of(Instance.ANN), null, 0).own())
          .containsExactly(2L);
    }

    @Test
    void marksArePagedFurthestFirstAlsoBehindOneThatMovedOn() {
      Instance.Channel channel = roomWith(instance(), 4);
      List<ReadMark> all = new ArrayList<>();
      for (String user : List.of("B", "a", "a:1", "ab", "b", "~")) {
        all.add(new ReadMark(new UserId(user), 2));
      }
      all.add(new ReadMark(CAT, 3));
      all.add(new ReadMark(BOB, 1));
      channel.markRead(all.toArray(ReadMark[]::new));
      all.sort(ReadMark.NEWEST_FIRST);

      assertThat(channel.readMarks(List.of(), null, 100).newest()).isEqualTo(all);
      for (int i = 0; i < all.size(); i++) {
        assertThat(channel.readMarks(List.of(), all.get(i), 2).newest())
            .isEqualTo(all.subList(i + 1, Math.min(i + 3, all.size())));
      }
      ReadMark last = all.get(3);
      channel.markRead(new ReadMark(last.user(), 4));
      assertThat(channel.readMarks(List.of(), last, 2).newest()).isEqualTo(all.subList(4, 6));
      assertThat(channel.readMarks(List.of(), null, 1).newest())
          .containsExactly(new ReadMark(last.user(), 4));
    }

    @Test
    void emptyRoomHasNoMarksAndOneThatIsNotThereIsNotMade() {
      Instance one = instance();
      Instance.Channel channel = one.channel(room);
      assertThat(channel.readMarks(List.of(Instance.ANN), null, 10))
          .isEqualTo(new ReadMarks(Epoch.NONE, 0, List.of(0L), List.of()))
          .isEqualTo(channel.readMarks(List.of(Instance.ANN), null, 10));

      RecordingRoomListener heard = channel.subscribe();
      assertThat(channel.markRead(new ReadMark(Instance.ANN, 7))).isTrue();
      Epoch epoch = heard.opened.getFirst().epoch();
      assertThat(channel.readMarks(List.of(Instance.ANN), null, 10))
          .isEqualTo(new ReadMarks(epoch, 0, List.of(0L), List.of()));
    }
  }

  @Nested
  class Control {
    @Test
    void messagesAreReceivedByAllInstancesInOrder() {
      Instance one = instance();
      Instance two = instance();
      List<String> ones = controlOf(one);
      List<String> twos = controlOf(two);
      List<String> sent = IntStream.range(0, 50).mapToObj(i -> room + " #" + i).toList();
      untilHeard(one, twos);
      untilHeard(two, ones);

      for (String text : sent) {
        one.broker.control().send(text.getBytes(UTF_8));
      }

      for (List<String> heard : List.of(ones, twos)) {
        soon()
            .untilAsserted(() ->
                assertThat(heard.stream().filter(text -> text.contains("#")))
                    .containsExactlyElementsOf(sent));
      }
    }

    @Test
    void listenerRunsOnAnotherThreadAndItsExceptionStopsNothing() {
      Instance one = instance();
      Instance two = instance();
      List<String> twos = controlOf(two);
      untilHeard(one, twos);
      untilHeard(one, controlOf(one));
      List<Thread> heardOn = new CopyOnWriteArrayList<>();
      one.broker
          .control()
          .listen(message -> {
            if (message.length == 1) {
              heardOn.add(Thread.currentThread());
            }
            throw new IllegalStateException("a fault of the listener, thrown by this test");
          });

      one.broker.control().send(new byte[] {1});
      one.broker.control().send(new byte[] {2});

      soon().until(() -> heardOn.size() == 2);
      assertThat(heardOn).doesNotContain(Thread.currentThread());
      assertThat(((Accepted) one.channel(room).published(message("m"))).offset()).isEqualTo(1);
      untilHeard(one, twos);
    }
  }
}
