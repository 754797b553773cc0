package dev.parley.broker.redis;

import io.lettuce.core.KillArgs;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.api.async.RedisAsyncCommands;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Makes sure that a publishing connection is dead before its successor is used: what Redis has
 * received on it but not executed would otherwise be executed behind messages that were published
 * later. Safe for use by any thread.
 */
final class StaleConnectionKiller {
  private static final Pattern CLIENT = Pattern.compile("id=(\\d+) addr=(\\S+)");

  /** Both: after a restart of Redis the id is somebody else's. */
  private record Client(long id, String address) {}

  /** Connections that Redis may still have. */
  private final ConcurrentHashMap.KeySetView<Client, Boolean> older = ConcurrentHashMap.newKeySet();

  /**
   * Ends the connections that were here before. Completes normally if Redis forbids or does not
   * know the commands: then there is no killer, and only an unconfirmed message can be late.
   */
  CompletionStage<?> replace(RedisAsyncCommands<String, byte[]> commands) {
    CompletableFuture<?>[] kills =
        List.copyOf(older).stream()
            .map(client -> kill(client, commands).toCompletableFuture())
            .toArray(CompletableFuture[]::new);
    return CompletableFuture.allOf(kills)
        .thenCompose(_ -> commands.clientInfo())
        .handle((info, _) -> {
          remember(info);
          return 0L;
        });
  }

  private CompletionStage<?> kill(Client client, RedisAsyncCommands<String, byte[]> commands) {
    return commands
        .clientKill(KillArgs.Builder.id(client.id()).addr(client.address()))
        .handle((killed, failure) -> {
          if (failure == null || failure instanceof RedisCommandExecutionException) {
            older.remove(client);
          }
          return 0L;
        });
  }

  private void remember(@Nullable String info) {
    Matcher found = CLIENT.matcher(info == null ? "" : info);
    if (found.find()) {
      older.add(new Client(Long.parseLong(found.group(1)), found.group(2)));
    }
  }
}
