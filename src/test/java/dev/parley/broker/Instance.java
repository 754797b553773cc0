package dev.parley.broker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;

import dev.parley.broker.Entry.Dedup;
import dev.parley.broker.Outcome.Accepted;
import dev.parley.broker.redis.RedisBroker;
import dev.parley.broker.redis.RedisServer;
import dev.parley.budget.Budgets;
import dev.parley.protocol.Content.Form;
import dev.parley.protocol.ReadMark;
import dev.parley.protocol.RoomName;
import dev.parley.protocol.UserId;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisURI;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.DefaultClientResources;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.core.ConditionFactory;
import org.jspecify.annotations.Nullable;

/** One broker with a home executor, as an instance of the service has them. */
public final class Instance implements AutoCloseable {
  public static final UserId ANN = new UserId("ann");

  public final Broker broker;
  public final TestHome home;
  private final List<TestHome> homes = new ArrayList<>();
  private final Retention retention;
  private final Runnable closed;
  private boolean isClosed;

  public Instance(Broker broker, Retention retention) {
    this(broker, retention, () -> {});
  }

  private Instance(Broker broker, Retention retention, Runnable closed) {
    this.broker = broker;
    this.retention = retention;
    this.closed = closed;
    this.home = another();
  }

  /**
   * Waits up to 10 s, and asks often, so that a test takes little longer than what it waits for.
   */
  public static ConditionFactory soon() {
    return await()
        .atMost(10, TimeUnit.SECONDS)
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(5));
  }

  public static Instance onRedis(RedisURI uri, Retention history) {
    return onRedis(uri, history, Budgets.ofEach(64L * 1024 * 1024));
  }

  public static Instance onRedis(RedisURI uri, Retention history, Budgets budgets) {
    ClientResources resources = DefaultClientResources.create();
    RedisServer server = new RedisServer(resources, uri, ClientOptions.create());
    return new Instance(
        new RedisBroker(
            server,
            new PresenceProperties(Duration.ofSeconds(1)),
            budgets,
            new SimpleMeterRegistry()),
        history,
        () -> resources.shutdown().awaitUninterruptibly(1));
  }

  public TestHome another() {
    TestHome created = new TestHome(broker);
    homes.add(created);
    return created;
  }

  public Channel channel(RoomName room) {
    return new Channel(room, home);
  }

  public Channel channel(RoomName room, TestHome home) {
    return new Channel(room, home);
  }

  /** A channel whose calls are made on its home, whatever thread asks. */
  public final class Channel {
    public final RoomChannel channel;
    public final TestHome home;

    private Channel(RoomName room, TestHome home) {
      this.home = home;
      this.channel = home.call(() -> broker.channel(room, retention, home));
    }

    public RecordingRoomListener subscribe() {
      RecordingRoomListener heard = new RecordingRoomListener();
      home.run(() -> channel.subscribe(heard));
      soon().until(() -> !heard.opened.isEmpty());
      return heard;
    }

    public CompletableFuture<Outcome<Accepted>> publish(Entry entry) {
      CompletableFuture<Outcome<Accepted>> outcome = new CompletableFuture<>();
      home.execute(() -> channel.publish(entry, outcome::complete));
      return outcome;
    }

    public Outcome<Accepted> published(Entry entry) {
      return publish(entry).orTimeout(15, TimeUnit.SECONDS).join();
    }

    public LogPage read(long from, int limit) {
      return read(from, limit, RoomChannel.PAGE_BYTES);
    }

    public LogPage read(long from, int limit, int bytes) {
      return (LogPage) outcomeOfRead(from, limit, bytes);
    }

    public Outcome<LogPage> outcomeOfRead(long from, int limit, int bytes) {
      CompletableFuture<Outcome<LogPage>> page = new CompletableFuture<>();
      home.execute(() -> channel.read(from, limit, bytes, page::complete));
      return page.orTimeout(15, TimeUnit.SECONDS).join();
    }

    public HistoryPage history(long from, boolean older, int limit, int bytes) {
      CompletableFuture<Outcome<HistoryPage>> page = new CompletableFuture<>();
      home.execute(() -> channel.history(from, older, limit, bytes, page::complete));
      return (HistoryPage) page.orTimeout(15, TimeUnit.SECONDS).join();
    }

    public Outcome<Deletion> delete(long offset) {
      CompletableFuture<Outcome<Deletion>> deletion = new CompletableFuture<>();
      home.execute(() -> channel.delete(offset, deletion::complete));
      return deletion.orTimeout(15, TimeUnit.SECONDS).join();
    }

    public List<Present> present(@Nullable UserId after, int limit) {
      return ((PresentUsers) outcomeOfPresent(after, limit)).users();
    }

    public Outcome<PresentUsers> outcomeOfPresent(@Nullable UserId after, int limit) {
      CompletableFuture<Outcome<PresentUsers>> present = new CompletableFuture<>();
      home.execute(() -> channel.present(after, limit, present::complete));
      return present.orTimeout(15, TimeUnit.SECONDS).join();
    }

    public boolean markRead(ReadMark... marks) {
      CompletableFuture<Outcome<Outcome.Done>> done = new CompletableFuture<>();
      home.execute(() -> channel.markRead(List.of(marks), done::complete));
      return done.orTimeout(15, TimeUnit.SECONDS).join() instanceof Outcome.Done;
    }

    public ReadMarks readMarks(List<UserId> users, @Nullable ReadMark after, int limit) {
      CompletableFuture<Outcome<ReadMarks>> marks = new CompletableFuture<>();
      home.execute(() -> channel.readMarks(users, after, limit, marks::complete));
      return (ReadMarks) marks.orTimeout(15, TimeUnit.SECONDS).join();
    }

    public boolean isPresent(UserId user) {
      CompletableFuture<Outcome<UserPresence>> present = new CompletableFuture<>();
      home.execute(() -> channel.isPresent(user, present::complete));
      return (UserPresence) present.orTimeout(15, TimeUnit.SECONDS).join() == UserPresence.PRESENT;
    }

    public List<String> log() {
      return read(1, 1_000_000).entries().stream().map(Instance::text).toList();
    }
  }

  public static Entry message(String text) {
    return entry(text, null);
  }

  public static Entry message(String text, String id) {
    return entry(text, new Dedup(ANN, id, text.hashCode()));
  }

  private static Entry entry(String text, @Nullable Dedup dedup) {
    return new Entry(
        Form.JSON, true, 1, 1, System.currentTimeMillis(), null, text.getBytes(UTF_8), dedup);
  }

  public static String text(Entry entry) {
    return new String(entry.tail(), UTF_8);
  }

  @Override
  public void close() {
    if (isClosed) {
      return;
    }
    isClosed = true;
    try {
      ((AutoCloseable) broker).close();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
    closed.run();
    homes.forEach(TestHome::close);
  }
}
