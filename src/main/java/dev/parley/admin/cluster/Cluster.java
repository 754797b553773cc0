package dev.parley.admin.cluster;

import dev.parley.broker.Broker;
import dev.parley.broker.ControlBus;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * This instance among the others: announces itself, knows which instances were heard lately, and
 * sends surveys to all of them at once. Nothing here blocks: surveys are answered on virtual
 * threads, by futures, within {@link #PATIENCE}.
 *
 * <p>An instance carries out its own part of a survey directly, so that it still answers if the bus
 * is unavailable.
 */
@Component
public class Cluster implements SmartLifecycle {
  /** How long answers are waited for. */
  static final Duration PATIENCE = Duration.ofSeconds(2);

  private static final Logger log = LoggerFactory.getLogger(Cluster.class);
  private static final long ANNOUNCE_SECONDS = 2;

  /** Questions of others that are worked on at a time; more, and those who ask hear nothing. */
  private static final int MAX_WORK = 256;

  /** A virtual thread for each task: what follows an answer may block, as lanes must not. */
  public static final Executor THREADS = task -> Thread.ofVirtual().name("cluster").start(task);

  private final JsonMapper json = JsonMapper.shared();
  private final ControlBus bus;
  private final CommandHandler operations;
  private final InstanceName self;
  private final InstanceRegistry registry;
  private final Map<String, Survey<?>> open = new ConcurrentHashMap<>();
  private final Semaphore work = new Semaphore(MAX_WORK);
  private final Semaphore questions = new Semaphore(MAX_WORK);
  private @Nullable ScheduledExecutorService announcer;

  Cluster(Broker broker, CommandHandler operations, LocalInstance self) {
    this.bus = broker.control();
    this.operations = operations;
    this.self = self.name();
    this.registry = new InstanceRegistry(this.self, System.nanoTime());
  }

  /** The instance, if it was heard lately; refuses if not. */
  public InstanceName known(InstanceName instance) {
    if (!registry.all().contains(instance)) {
      throw Refusals.notFound("There is no such instance");
    }
    return instance;
  }

  /** Asks every instance. */
  public <R> CompletableFuture<SurveyResult<R>> ask(Command<R> command) {
    return ask(command, registry.all(), ControlMessage.EVERYBODY);
  }

  /** Asks one instance. */
  public <R> CompletableFuture<SurveyResult<R>> ask(Command<R> command, InstanceName instance) {
    return ask(command, new TreeSet<>(Set.of(instance)), instance.value());
  }

  private <R> CompletableFuture<SurveyResult<R>> ask(
      Command<R> command, SortedSet<InstanceName> asked, String to) {
    if (!questions.tryAcquire()) {
      return CompletableFuture.failedFuture(Refusals.busy());
    }
    String id = newId();
    Survey<R> survey = new Survey<>(command, asked);
    open.put(id, survey);
    ControlMessage message =
        new ControlMessage(ControlMessage.Kind.ASK, id, self, to, json.writeValueAsBytes(command));
    if (message.isFor(self)) {
      THREADS.execute(() -> {
        var _ = perform(command).whenComplete((result, _) -> survey.answer(self, result));
      });
    }
    if (!to.equals(self.value())) {
      bus.send(message.encode());
    }
    return survey
        .answered()
        .copy()
        .completeOnTimeout(null, PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
        .thenApplyAsync(
            _ -> {
              open.remove(id);
              questions.release();
              return survey.answers();
            },
            THREADS);
  }

  /** On a thread of the broker: parses a line, and leaves the rest to others. */
  private void received(byte[] bytes) {
    ControlMessage message = ControlMessage.decode(bytes);
    if (message == null) {
      return;
    }
    switch (message.kind()) {
      case HELLO -> {
        if (registry.heard(message.from(), System.nanoTime())) {
          log.info("Instance {} has joined", message.from());
          announce();
        }
      }
      case GONE -> {
        log.info("Instance {} has left", message.from());
        registry.gone(message.from());
      }
      case ASK -> {
        if (message.isFor(self) && !message.from().equals(self)) {
          asked(message);
        }
      }
      case ANSWER, FAILED -> {
        Survey<?> survey = message.isFor(self) ? open.get(message.ask()) : null;
        if (survey != null) {
          THREADS.execute(() -> answered(survey, message));
        }
      }
    }
  }

  private void asked(ControlMessage message) {
    if (!work.tryAcquire()) {
      log.warn("Too many questions at once: one from {} is not answered", message.from());
      return;
    }
    THREADS.execute(() -> {
      try {
        Command<?> command = json.readValue(message.body(), Command.class);
        var _ = perform(command).whenComplete((result, _) -> answer(message, result));
      } catch (JacksonException unknown) {
        log.warn("A survey from {} cannot be read: {}", message.from(), unknown.getMessage());
        answer(message, null);
      }
    });
  }

  private void answer(ControlMessage survey, @Nullable Object result) {
    work.release();
    byte[] body = result == null ? null : json.writeValueAsBytes(result);
    bus.send(survey.answer(self, body).encode());
  }

  private <R> void answered(Survey<R> survey, ControlMessage message) {
    R result = null;
    if (message.kind() == ControlMessage.Kind.ANSWER) {
      try {
        result = json.readValue(message.body(), survey.command().result());
      } catch (JacksonException unknown) {
        log.warn("An answer from {} cannot be read: {}", message.from(), unknown.getMessage());
      }
    }
    survey.answer(message.from(), result);
  }

  private <R> CompletableFuture<R> perform(Command<R> command) {
    CompletableFuture<R> result;
    try {
      result = operations.perform(command);
    } catch (RuntimeException fault) {
      result = CompletableFuture.failedFuture(fault);
    }
    return result
        .orTimeout(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
        .whenComplete((done, failure) -> {
          if (failure != null) {
            log.warn("{} failed", command, failure);
          }
        });
  }

  private void announce() {
    bus.send(ControlMessage.hello(self).encode());
  }

  /** Nobody can answer a survey that he has not seen. */
  private static String newId() {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    HexFormat hex = HexFormat.of();
    return hex.toHexDigits(random.nextLong()) + hex.toHexDigits(random.nextLong());
  }

  @Override
  public synchronized void start() {
    bus.listen(this::received);
    ScheduledExecutorService scheduler =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("parley-cluster").factory());
    var _ = scheduler.scheduleWithFixedDelay(this::attempt, 0, ANNOUNCE_SECONDS, TimeUnit.SECONDS);
    announcer = scheduler;
  }

  private void attempt() {
    try {
      announce();
    } catch (RuntimeException fault) {
      // A task that throws is not run again.
      log.error("This instance cannot announce itself", fault);
    }
  }

  @Override
  public synchronized void stop() {
    if (announcer != null) {
      announcer.shutdownNow();
      announcer = null;
      bus.send(ControlMessage.gone(self).encode());
    }
  }

  @Override
  public synchronized boolean isRunning() {
    return announcer != null;
  }

  /** Before the port opens, and until the last connection was sent away. */
  @Override
  public int getPhase() {
    return 0;
  }
}
