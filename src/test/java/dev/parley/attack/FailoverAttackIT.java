package dev.parley.attack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.parley.support.ParleyProcess;
import dev.parley.support.RedisProcess;
import dev.parley.support.TcpProxy;
import io.lettuce.core.KillArgs;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/**
 * Behind the address of Redis a replica that misses messages takes the place of its primary, and
 * the connection for publishing is the first to lead there.
 */
@Tag("attack")
@Timeout(90)
class FailoverAttackIT {
  private static final Pattern QUESTIONS = Pattern.compile("cmdstat_info:calls=(\\d+)");
  private static final Pattern SCRIPTS = Pattern.compile("(?m)^id=(\\d+) .* cmd=evalsha ");

  private final List<AutoCloseable> opened = new ArrayList<>();
  private RedisProcess old;
  private RedisProcess replica;
  private TcpProxy replication;
  private TcpProxy address;
  private ParleyProcess instance;
  private long questions;

  /** Where a message is. */
  private record Position(String epoch, long offset) {
    static Position in(JsonNode frame) {
      return new Position(frame.path("epoch").asString(), frame.path("offset").asLong());
    }
  }

  @BeforeEach
  void start() {
    old = open(RedisProcess.launch());
    replication = open(new TcpProxy(old.host(), old.port()));
    replica =
        open(RedisProcess.launch("replicaof " + replication.host() + " " + replication.port()));
    address = open(new TcpProxy(old.host(), old.port()));
    instance =
        open(
            ParleyProcess.contained(
                "attack-failover",
                "--parley.broker=redis",
                "--spring.data.redis.host=" + address.host(),
                "--spring.data.redis.port=" + address.port()));
    soon()
        .until(() ->
            replica.ask(redis -> redis.info("replication")).contains("master_link_status:up"));
    instance.awaitReady();
  }

  private <T extends AutoCloseable> T open(T closeable) {
    opened.add(closeable);
    return closeable;
  }

  @AfterEach
  void closeAll() throws Exception {
    for (AutoCloseable each : opened.reversed()) {
      each.close();
    }
  }

  private static ConditionFactory soon() {
    return await().atMost(Duration.ofSeconds(20)).pollInterval(Duration.ofMillis(20));
  }

  @Test
  void noPositionNamesTwoMessagesAndWhoSawALostOneIsTold() throws Exception {
    List<Position> lost = new ArrayList<>();
    List<Position> fresh = new ArrayList<>();
    try (Hostile sender = Hostile.connect(instance, 2, ParleyProcess.token("sender"))) {
      sender.send(Frames.join("failover"));
      sender.next("joined");
      long publishing = publishing(sender);
      Position kept = publish(sender, "kept");
      soon()
          .until(() -> replica.ask(redis -> redis.xlen("parley:1:{failover}:s")) == kept.offset());
      replication.hold();
      lost.add(publish(sender, "LOST0"));
      lost.add(publish(sender, "LOST1"));
      replica.ask(redis -> redis.replicaofNoOne());
      address.leadTo(replica.host(), replica.port());
      old.ask(redis -> redis.clientKill(KillArgs.Builder.id(publishing)));
      soon().until(() -> hasClients(replica));
      soon().until(this::isAskedForItsGenerationOrLeft);
      fresh.add(publish(sender, "NEW0"));
      fresh.add(publish(sender, "NEW1"));
    }
    assertThat(fresh).doesNotHaveDuplicates().doesNotContainAnyElementsOf(lost);
    assertThat(comesBack(lost.getLast()).path("recovered").asBoolean(true))
        .as("recovered, when %s were lost and %s came behind", lost, fresh)
        .isFalse();
    JsonNode back = comesBack(fresh.getFirst());
    assertThat(back.path("recovered").asBoolean()).as("%s", back).isTrue();
    assertThat(back.path("replay").asInt()).as("%s", back).isEqualTo(1);
  }

  /**
   * Whether the old primary has answered for what the new one is asked next, by the connections
   * that still lead there. Each of our own questions counts as one, too.
   */
  private boolean isAskedForItsGenerationOrLeft() {
    if (questions == 0) {
      questions = questions();
    }
    return questions() > ++questions || !hasClients(old);
  }

  private static boolean hasClients(RedisProcess redis) {
    return redis
        .ask(commands -> commands.clientList())
        .lines()
        .anyMatch(client -> !client.contains("flags=S") && !client.contains("cmd=client"));
  }

  private long questions() {
    Matcher calls = QUESTIONS.matcher(old.ask(redis -> redis.info("commandstats")));
    return calls.find() ? Long.parseLong(calls.group(1)) : 0;
  }

  /** The connection on which a script was the last command behind each of several messages. */
  private long publishing(Hostile sender) {
    Set<Long> candidates = new HashSet<>();
    soon()
        .until(() -> {
          publish(sender, "kept");
          if (candidates.isEmpty()) {
            candidates.addAll(lastRanScripts());
          }
          candidates.retainAll(lastRanScripts());
          return candidates.size() == 1;
        });
    return candidates.iterator().next();
  }

  private Set<Long> lastRanScripts() {
    return SCRIPTS
        .matcher(old.ask(redis -> redis.clientList()))
        .results()
        .map((MatchResult line) -> Long.valueOf(line.group(1)))
        .collect(Collectors.toSet());
  }

  /** Sends again what is refused, as long as it is. */
  private static Position publish(Hostile sender, String content) {
    JsonNode[] ack = new JsonNode[1];
    soon()
        .until(() -> {
          sender.send(Frames.asked("failover", content));
          JsonNode answer = sender.next("ack", "error");
          ack[0] = answer;
          return answer.path("type").asString().equals("ack");
        });
    return Position.in(ack[0]);
  }

  private JsonNode comesBack(Position since) throws IOException {
    try (Hostile member = Hostile.connect(instance, 3, ParleyProcess.token("member"))) {
      member.send(
          Frames.text(
              "{\"type\":\"join\",\"ref\":\"j\",\"room\":\"failover\",\"since\":{\"epoch\":\"%s\",\"offset\":%d}}"
                  .formatted(since.epoch(), since.offset())));
      return member.next("joined", "error");
    }
  }
}
