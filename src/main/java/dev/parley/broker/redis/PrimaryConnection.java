package dev.parley.broker.redis;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.async.RedisAsyncCommands;
import io.lettuce.core.output.ArrayOutput;
import io.lettuce.core.protocol.AsyncCommand;
import io.lettuce.core.protocol.Command;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import io.lettuce.core.protocol.RedisCommand;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A connection to the primary, with the generation that was read on it before its first script. The
 * generation never changes: a connection whose answers show another one, or that leads to a replica
 * by now, is dropped, and its successor reads anew. So no answer that is late can bring an older
 * generation back, and a script never runs on one primary under the generation of another that some
 * other connection has reached. Safe for use by any thread.
 */
final class PrimaryConnection {
  private static final Pattern ROLE = Pattern.compile("role:(\\w+)");
  private static final Pattern REPLICATION_ID = Pattern.compile("master_replid:(\\w+)");

  private final StatefulRedisConnection<String, byte[]> connection;
  private final PrimaryState primary;
  private final Consumer<String> drop;
  private final long order;
  private volatile String generation = "";
  private volatile byte[] generationBytes = {};

  /**
   * @param drop replaces the connection by a new one, for the reason it is given
   */
  PrimaryConnection(
      StatefulRedisConnection<String, byte[]> connection,
      PrimaryState primary,
      Consumer<String> drop) {
    this.connection = connection;
    this.primary = primary;
    this.drop = drop;
    this.order = primary.opening();
  }

  RedisAsyncCommands<String, byte[]> async() {
    return connection.async();
  }

  void flush() {
    connection.flushCommands();
  }

  boolean isOpen() {
    return connection.isOpen();
  }

  /** Higher than those of the connections that were opened before. */
  long order() {
    return order;
  }

  /** The primary's {@code master_replid}; empty until {@link #open} is answered. */
  String generation() {
    return generation;
  }

  void drop(String reason) {
    drop.accept(reason);
  }

  /** Reads the generation; fails if this leads to a replica, whose generation is not its own. */
  CompletionStage<?> open() {
    return async()
        .info("replication")
        .thenAccept(info -> {
          String read = read(info);
          if (read == null) {
            throw new RedisProblem.UnusableException(RedisProblem.Kind.REPLICA);
          }
          generationBytes = read.getBytes(US_ASCII);
          generation = read;
          primary.opened(this);
        });
  }

  /** Asks whether the generation still holds. Demotion and promotion end no connection. */
  CompletableFuture<?> check() {
    return async()
        .info("replication")
        .thenAccept(info -> confirm(read(info)))
        .toCompletableFuture();
  }

  private void confirm(@Nullable String read) {
    if (read == null) {
      drop("it leads to a replica");
    } else if (!read.equals(generation)) {
      drop("its server has become another primary");
    }
  }

  private static @Nullable String read(String info) {
    Matcher role = ROLE.matcher(info);
    Matcher id = REPLICATION_ID.matcher(info);
    return role.find() && role.group(1).equals("master") && id.find() ? id.group(1) : null;
  }

  /**
   * Runs a script.
   *
   * @param arguments behind those of {@link PrimaryState#settle} if the script settles the room
   */
  CompletionStage<List<Object>> run(Script script, String[] keys, byte[][] arguments) {
    AsyncCommand<String, byte[], List<Object>> command = command(script, keys, arguments);
    CompletionStage<List<Object>> answer = answer(command);
    connection.dispatch(command);
    return answer;
  }

  /** A script to run here, as {@link #run} has it, that is {@linkplain #dispatch sent} later. */
  AsyncCommand<String, byte[], List<Object>> command(
      Script script, String[] keys, byte[][] arguments) {
    CommandArgs<String, byte[]> args = new CommandArgs<>(RedisServer.CODEC);
    args.add(script.sha()).add(keys.length).addKeys(keys);
    if (script.settles()) {
      add(args, PrimaryState.settle(generationBytes));
    }
    add(args, arguments);
    return new AsyncCommand<>(
        new Command<>(CommandType.EVALSHA, new ArrayOutput<>(RedisServer.CODEC), args));
  }

  /** What the script is answered, when it is known what that says of the generation. */
  CompletionStage<List<Object>> answer(AsyncCommand<String, byte[], List<Object>> command) {
    return command.whenComplete((_, failure) -> {
      if (failure != null && ScriptError.of(failure) instanceof ScriptError.Stale(String current)) {
        confirm(current);
      }
    });
  }

  /** Sends the commands in one write. */
  void dispatch(List<RedisCommand<String, byte[], ?>> commands) {
    connection.dispatch(commands);
  }

  private static void add(CommandArgs<String, byte[]> args, byte[][] all) {
    for (byte[] each : all) {
      args.add(each);
    }
  }
}
