package dev.parley.broker;

import io.lettuce.core.KillArgs;
import io.lettuce.core.api.async.RedisAsyncCommands;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Makes sure that a publishing connection is dead before its successor is used: what Redis has
 * received on it but not executed would otherwise be executed behind messages that were published
 * later. Belongs to the thread that opens connections.
 */
final class ClientFence {
  private static final Pattern CLIENT = Pattern.compile("id=(\\d+) addr=(\\S+)");

  private long id;
  private String address = "";

  /**
   * Ends the connection that was here before. Completes normally where Redis forbids or does not
   * know the commands: then there is no fence, and only an unconfirmed message can be late.
   */
  CompletionStage<?> replace(RedisAsyncCommands<String, byte[]> commands) {
    CompletionStage<?> killed =
        id == 0
            ? CompletableFuture.completedFuture(0L)
            // Both: after a restart of Redis the id is somebody else's.
            : commands.clientKill(KillArgs.Builder.id(id).addr(address)).handle((_, _) -> 0L);
    return killed.thenCompose(_ ->
        commands
            .clientInfo()
            .handle((info, _) -> {
              remember(info == null ? "" : info);
              return 0L;
            }));
  }

  private void remember(String info) {
    Matcher found = CLIENT.matcher(info);
    id = 0;
    if (found.find()) {
      id = Long.parseLong(found.group(1));
      address = found.group(2);
    }
  }
}
