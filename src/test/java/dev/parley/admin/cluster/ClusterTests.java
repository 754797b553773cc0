package dev.parley.admin.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import dev.parley.admin.cluster.Results.Done;
import dev.parley.broker.Broker;
import dev.parley.broker.ControlBus;
import dev.parley.protocol.RoomName;
import dev.parley.protocol.UserId;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.support.StaticListableBeanFactory;
import org.springframework.boot.info.BuildProperties;
import tools.jackson.databind.json.JsonMapper;

/** How an instance asks another and answers it; the test is the other, and has the bus. */
@Timeout(30)
class ClusterTests {
  private static final InstanceName OTHER = new InstanceName("other-00000001");
  private static final Command.ForceJoin COMMAND =
      new Command.ForceJoin(new UserId("ann"), new RoomName("r"));
  private static final String JSON = JsonMapper.shared().writeValueAsString(COMMAND);

  private final Bus bus = new Bus();
  private final CommandHandler handler = mock(CommandHandler.class);
  private Cluster cluster;

  /** Keeps what is sent, but for announcements. */
  private static final class Bus implements ControlBus {
    final BlockingQueue<ControlMessage> sent = new LinkedBlockingQueue<>();
    Consumer<byte[]> listener = bytes -> {};

    @Override
    public void send(byte[] message) {
      ControlMessage decoded = Objects.requireNonNull(ControlMessage.decode(message));
      if (decoded.kind() != ControlMessage.Kind.HELLO) {
        sent.add(decoded);
      }
    }

    @Override
    public void listen(Consumer<byte[]> to) {
      listener = to;
    }

    void receive(ControlMessage message) {
      listener.accept(message.encode());
    }
  }

  @BeforeEach
  void start() {
    Broker broker = mock(Broker.class);
    when(broker.control()).thenReturn(bus);
    cluster =
        new Cluster(
            broker,
            handler,
            new LocalInstance(
                broker, new StaticListableBeanFactory().getBeanProvider(BuildProperties.class)));
    cluster.start();
  }

  @AfterEach
  void stop() {
    cluster.stop();
  }

  @Test
  void aCommandOfAnotherInstanceIsAnsweredWithItsResult() throws Exception {
    when(handler.perform(COMMAND)).thenReturn(CompletableFuture.completedFuture(new Done(2)));
    bus.receive(ask(JSON));
    ControlMessage answer = bus.sent.take();
    assertThat(answer.kind()).isEqualTo(ControlMessage.Kind.ANSWER);
    assertThat(answer.ask()).isEqualTo("id");
    assertThat(answer.to()).isEqualTo(OTHER.value());
    assertThat(new String(answer.body(), UTF_8)).isEqualTo("{\"connections\":2}");
  }

  @Test
  void aCommandThatOnlyAnotherVersionKnowsIsAnsweredAsFailed() throws Exception {
    bus.receive(ask(JSON.replace("force-join", "put-user")));
    ControlMessage answer = bus.sent.take();
    assertThat(answer.kind()).isEqualTo(ControlMessage.Kind.FAILED);
    assertThat(answer.ask()).isEqualTo("id");
    assertThat(answer.to()).isEqualTo(OTHER.value());
  }

  @Test
  void anInstanceThatDoesNotKnowTheCommandIsNamedBeforeTheTimeIsOver() throws Exception {
    CompletableFuture<SurveyResult<Done>> result = cluster.ask(COMMAND, OTHER);
    long asked = System.nanoTime();
    ControlMessage command = bus.sent.take();
    assertThat(new String(command.body(), UTF_8)).contains("\"command\":\"force-join\"");
    bus.receive(command.answer(OTHER, null));
    assertThat(result.get(10, TimeUnit.SECONDS).silent()).containsExactly(OTHER);
    assertThat(System.nanoTime() - asked).isLessThan(Cluster.PATIENCE.toNanos());
  }

  private static ControlMessage ask(String command) {
    return new ControlMessage(
        ControlMessage.Kind.ASK, "id", OTHER, ControlMessage.EVERYBODY, command.getBytes(UTF_8));
  }
}
