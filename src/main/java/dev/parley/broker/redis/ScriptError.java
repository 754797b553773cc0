package dev.parley.broker.redis;

import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisNoScriptException;
import io.lettuce.core.RedisReadOnlyException;
import java.util.Objects;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * How Redis declined a script. An error reply means that nothing was executed, since the scripts
 * check before they write; anything else that it may have been.
 */
sealed interface ScriptError {
  /** Nobody knows whether it was executed: there was no answer. */
  record Unknown() implements ScriptError {}

  /** The script has to be loaded (again). */
  record NoScript() implements ScriptError {}

  /** The generation has changed to this one. */
  record Stale(String generation) implements ScriptError {}

  /**
   * Not now: loading, out of memory, short of replicas …
   *
   * @param readOnly it is a replica
   * @param lasting the server is full or cannot save, which no failover or restart brings to an
   *     end: there is no use in trying again in a moment
   */
  record Declined(String message, boolean readOnly, boolean lasting) implements ScriptError {}

  static ScriptError of(@Nullable Throwable failure) {
    Throwable cause =
        failure instanceof CompletionException wrapped && wrapped.getCause() != null
            ? wrapped.getCause()
            : failure;
    if (!(cause instanceof RedisCommandExecutionException)) {
      return new Unknown();
    }
    if (cause instanceof RedisNoScriptException) {
      return new NoScript();
    }
    String message = Objects.requireNonNullElse(cause.getMessage(), "");
    if (message.startsWith("STALE ")) {
      return new Stale(message.substring("STALE ".length()).strip());
    }
    return new Declined(
        message,
        cause instanceof RedisReadOnlyException || message.contains("READONLY"),
        // Servers before 7 put the error of a command inside of one of the script.
        message.contains("OOM command not allowed") || message.contains("MISCONF "));
  }
}
