package dev.parley.broker.redis;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.broker.BrokerContract;
import dev.parley.protocol.Epoch;
import dev.parley.protocol.RoomName;
import dev.parley.support.RedisProcess;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.api.sync.RedisCommands;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Redis rolls nothing back, so what it refuses has to be refused whole: every script, in rooms of
 * every kind, on every server that this machine has.
 */
@Tag("redis")
@Timeout(120)
class RedisRefusalTests {
  private static final Pattern GENERATION = Pattern.compile("master_replid:(\\w+)");
  private static final Pattern MEMORY = Pattern.compile("used_memory:(\\d+)");

  /** What a room's keys are like when the script comes. */
  enum State {
    FRESH,
    EXISTING,
    /** Its head is gone and the rest is still there. */
    LOST,
    /** It was last written under another generation. */
    INHERITED,
    /** The period of its ids is over. */
    ROTATING,
    /** What its log has is too old. */
    OLD
  }

  enum Fault {
    MEMORY,
    REPLICAS,
    DISK;

    void begin(RedisProcess server) {
      switch (this) {
        case MEMORY -> server.ask(redis -> redis.configSet("maxmemory", "1"));
        case REPLICAS -> server.ask(redis -> redis.configSet("min-replicas-to-write", "1"));
        case DISK -> server.failSnapshots();
      }
    }

    void end(RedisCommands<String, byte[]> redis) {
      switch (this) {
        case MEMORY -> redis.configSet("maxmemory", "0");
        case REPLICAS -> redis.configSet("min-replicas-to-write", "0");
        case DISK -> redis.configSet("stop-writes-on-bgsave-error", "no");
      }
    }

    /**
     * Whether the script is run all the same, and to its end: it needs no memory, or next to none.
     */
    boolean writes(Script script) {
      return this == MEMORY
          && (script == Script.BEAT || script == Script.CLAIM || script == Script.UNREGISTER);
    }

    boolean refuses(Script script, State state) {
      boolean settles = state == State.FRESH || state == State.LOST || state == State.INHERITED;
      return switch (script) {
        case PUBLISH, ENTER -> true;
        case OPEN -> settles || this != MEMORY;
        case LOG, HISTORY -> settles;
        case DELETE -> state != State.FRESH && state != State.LOST;
        case EXIT, SWEEP -> state != State.FRESH;
        case REGISTER -> true;
        case UNREGISTER, BEAT, CLAIM -> !writes(script);
        case READ -> state != State.FRESH && state != State.LOST;
        case READS -> false;
        // A connection to a Redis that is full can still be prepared.
        case PROBE -> false;
      };
    }
  }

  static Stream<Arguments> serversAndFaults() {
    return RedisProcess.binaries()
        .flatMap(binary -> Arrays.stream(Fault.values()).map(fault -> Arguments.of(binary, fault)));
  }

  static Stream<String> servers() {
    return RedisProcess.binaries();
  }

  /** Runs scripts as an instance does. */
  private static final class Caller {
    private final RedisCommands<String, byte[]> redis;
    private final byte[] generation;

    Caller(RedisCommands<String, byte[]> redis) {
      this.redis = redis;
      Matcher found = GENERATION.matcher(redis.info("replication"));
      assertThat(found.find()).isTrue();
      this.generation = bytes(found.group(1));
    }

    List<Object> run(Script script, RoomKeys keys, State state) {
      return run(script, keys, state == State.OLD ? 1 : 86_400_000);
    }

    private List<Object> run(Script script, RoomKeys keys, long retention) {
      byte[] channel = bytes(keys.channel());
      return switch (script) {
        case PUBLISH ->
            run(
                script,
                keys.ofPublishing(),
                retention,
                channel,
                bytes("4194304"),
                bytes("2"),
                bytes("one"),
                bytes("ann\0" + keys.channel()),
                new byte[12],
                bytes("two"),
                new byte[0],
                new byte[12]);
        case OPEN -> run(script, keys.ofHead(), retention);
        case LOG -> run(script, keys.ofLog(), retention, bytes("1"), bytes("100"), bytes("100000"));
        case HISTORY ->
            run(
                script,
                keys.ofPublishing(),
                retention,
                bytes("1"),
                bytes("0"),
                bytes("100"),
                bytes("100000"));
        case DELETE -> run(script, keys.ofLog(), retention, channel, bytes("2"), bytes("name"));
        case ENTER -> presence(script, keys, "bob", "Bob");
        case SWEEP -> presence(script, keys, "0", "");
        case REGISTER ->
            instance(script, instanceKeys(keys)[0], bytes(keys.channel()), bytes("604800000"));
        case UNREGISTER -> instance(script, instanceKeys(keys)[0], bytes(keys.channel()));
        case BEAT ->
            instance(script, instanceKeys(keys), bytes("2"), bytes("604800000"), bytes("1"));
        case CLAIM ->
            instance(
                script,
                instanceKeys(keys),
                bytes("alive"),
                bytes("dead"),
                bytes("1"),
                bytes("604800000"));
        case EXIT -> presence(script, keys, "ann", "");
        case READ -> read(keys, 2);
        case READS ->
            redis.eval(
                script.source(),
                ScriptOutputType.MULTI,
                keys.ofReads(),
                bytes("604800000"),
                bytes("50"),
                bytes(""),
                bytes(""),
                bytes("ann"));
        case PROBE ->
            redis.eval(
                script.source(),
                ScriptOutputType.MULTI,
                new String[] {RoomKeys.PROBE},
                bytes(RoomKeys.PROBE));
      };
    }

    /** Beats and dead; the script of one key has the first. */
    private static String[] instanceKeys(RoomKeys keys) {
      return new String[] {keys.channel() + ":beats", keys.channel() + ":dead"};
    }

    private List<Object> instance(Script script, String key, byte[]... arguments) {
      return instance(script, new String[] {key}, arguments);
    }

    private List<Object> instance(Script script, String[] keys, byte[]... arguments) {
      return redis.eval(script.source(), ScriptOutputType.MULTI, keys, arguments);
    }

    private List<Object> run(Script script, String[] keys, long retention, byte[]... arguments) {
      List<byte[]> all =
          new ArrayList<>(
              List.of(
                  generation,
                  Epoch.random().toBytes(),
                  bytes("1000"),
                  PrimaryState.ascii(retention),
                  bytes("604800000")));
      all.addAll(List.of(arguments));
      return redis.eval(script.source(), ScriptOutputType.MULTI, keys, all.toArray(byte[][]::new));
    }

    List<Object> read(RoomKeys keys, long offset) {
      return redis.eval(
          Script.READ.source(),
          ScriptOutputType.MULTI,
          keys.ofReads(),
          bytes("604800000"),
          bytes(keys.channel()),
          bytes("1000"),
          bytes("ann"),
          PrimaryState.ascii(offset));
    }

    List<Object> presence(Script script, RoomKeys keys, String user, String name) {
      return redis.eval(
          script.source(),
          ScriptOutputType.MULTI,
          keys.ofPresence(),
          bytes(user),
          bytes("1"),
          bytes("1700000000000"),
          bytes("604800000"),
          bytes(keys.channel()),
          bytes(name),
          bytes(""));
    }

    void prepare(RoomKeys keys, State state) {
      for (String name : List.of("alive", "dead")) {
        redis.hset(instanceKeys(keys)[0], name, bytes("1"));
      }
      if (state == State.FRESH) {
        return;
      }
      run(Script.PUBLISH, keys, State.EXISTING);
      publish(keys, "three", "other");
      run(Script.DELETE, keys.ofLog(), 86_400_000, bytes(keys.channel()), bytes("1"), bytes("a"));
      presence(Script.ENTER, keys, "ann", "Ann");
      read(keys, 1);
      switch (state) {
        case LOST -> redis.del(keys.meta());
        case INHERITED -> redis.hset(keys.meta(), "g", bytes("0".repeat(40)));
        case ROTATING -> {
          for (String ids : List.of(keys.even(), keys.odd())) {
            if (redis.exists(ids) == 1) {
              redis.hset(ids, "end", PrimaryState.ascii(System.currentTimeMillis() - 1_000));
            }
          }
        }
        case FRESH, EXISTING, OLD -> {}
      }
    }

    List<Object> publish(RoomKeys keys, String text, String id) {
      return run(
          Script.PUBLISH,
          keys.ofPublishing(),
          86_400_000,
          bytes(keys.channel()),
          bytes("4194304"),
          bytes("1"),
          bytes(text),
          bytes(id),
          new byte[12]);
    }

    Map<String, String> keysOf(RoomKeys keys) {
      Map<String, String> all = new TreeMap<>();
      for (String key : redis.keys(keys.channel() + ":*")) {
        all.put(key, HexFormat.of().formatHex(redis.dump(key)));
      }
      return all;
    }

    long memory() {
      Matcher found = MEMORY.matcher(redis.info("memory"));
      assertThat(found.find()).isTrue();
      return Long.parseLong(found.group(1));
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(US_ASCII);
  }

  private static RoomKeys keys(Script script, State state) {
    return RoomKeys.of(new RoomName(script + "-" + state), BrokerContract.HISTORY);
  }

  @ParameterizedTest
  @MethodSource("serversAndFaults")
  void whatIsRefusedHasWrittenNothingAndTheRoomWorksAfterwards(String binary, Fault fault) {
    try (RedisProcess server = RedisProcess.launchFrom(binary, "save 900 1")) {
      server.ask(redis -> {
        Caller caller = new Caller(redis);
        forEach((script, state) -> caller.prepare(keys(script, state), state));
        fault.begin(server);
        forEach((script, state) -> assertThatItIsRefusedWhole(caller, fault, script, state));
        fault.end(redis);
        forEach((script, state) -> assertThatTheRoomWorks(caller, script, state));
        return 0;
      });
    }
  }

  private interface Case {
    void run(Script script, State state);
  }

  private static void forEach(Case each) {
    for (Script script : Script.values()) {
      for (State state : State.values()) {
        each.run(script, state);
      }
    }
  }

  private static void assertThatItIsRefusedWhole(
      Caller caller, Fault fault, Script script, State state) {
    RoomKeys keys = keys(script, state);
    Map<String, String> before = caller.keysOf(keys);
    boolean refused = false;
    try {
      caller.run(script, keys, state);
    } catch (RedisCommandExecutionException refusal) {
      refused = true;
    }
    assertThat(refused)
        .as("%s refuses %s in %s", fault, script, state)
        .isEqualTo(fault.refuses(script, state));
    boolean trims =
        (script == Script.LOG || script == Script.HISTORY)
            && state == State.OLD
            && fault == Fault.MEMORY;
    if (!trims && !fault.writes(script)) {
      assertThat(caller.keysOf(keys)).as("%s: %s in %s", fault, script, state).isEqualTo(before);
    }
  }

  private static void assertThatTheRoomWorks(Caller caller, Script script, State state) {
    RoomKeys keys = keys(script, state);
    caller.run(script, keys, state);
    long offset = (Long) caller.publish(keys, "last", "last").get(1);
    List<Object> page =
        caller.run(
            Script.LOG,
            keys.ofLog(),
            86_400_000,
            PrimaryState.ascii(offset),
            bytes("100"),
            bytes("100000"));
    assertThat(page.get(1)).as("%s in %s", script, state).isEqualTo(offset);
    assertThat(page).hasSize(5);
    assertThat(ByteBuffer.wrap((byte[]) page.get(4))).isEqualTo(ByteBuffer.wrap(bytes("last")));
    List<Object> again = caller.publish(keys, "last", "last");
    assertThat(again).hasSize(4);
  }

  /** What 250 messages to names of their own could once make of a full Redis. */
  @ParameterizedTest
  @MethodSource("servers")
  void fullRedisTakesNoNewRoom(String binary) {
    try (RedisProcess server = RedisProcess.launchFrom(binary)) {
      server.ask(redis -> {
        Caller caller = new Caller(redis);
        caller.prepare(keys(Script.OPEN, State.EXISTING), State.EXISTING);
        long keysBefore = redis.dbsize();
        long memory = caller.memory();
        redis.configSet("maxmemory", Long.toString(memory / 2));
        String message = "x".repeat(60_000);
        int accepted = 0;
        for (int i = 0; i < 250; i++) {
          RoomKeys fresh = RoomKeys.of(new RoomName("fresh" + i), BrokerContract.HISTORY);
          try {
            caller.publish(fresh, message, "id");
            accepted++;
          } catch (RedisCommandExecutionException full) {
            assertThat(full).hasMessageContaining("OOM");
          }
        }
        assertThat(accepted).isZero();
        assertThat(redis.dbsize()).isEqualTo(keysBefore);
        assertThat(caller.memory() - memory).isLessThan(4_000_000);
        return 0;
      });
    }
  }
}
