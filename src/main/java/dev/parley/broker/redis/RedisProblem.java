package dev.parley.broker.redis;

import dev.parley.readiness.NetworkFault;
import io.lettuce.core.RedisCommandTimeoutException;
import io.lettuce.core.protocol.RedisProtocolException;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Why Redis cannot be used as it is: what is wrong, as Redis or the network said it, and what an
 * operator does about it. docs/OPERATIONS.md lists them.
 *
 * @param detail completes the kind's text; null if that says all
 */
record RedisProblem(Kind kind, @Nullable String detail) {
  private static final String SETTING = "spring.data.redis.";

  /** In the order in which an error reply is compared with them. */
  enum Kind {
    UNKNOWN_NAME(
        NetworkFault.UNKNOWN_NAME.text(),
        "Check %shost (or .url) and the DNS of this machine".formatted(SETTING),
        // Such a name is not even looked up.
        Pattern.compile("legal name|STD 3 ASCII|IDN label")),
    NOT_LISTENING(
        NetworkFault.NOT_LISTENING.text(),
        "Check %shost and .port, and that Redis runs and is bound to that address"
            .formatted(SETTING)),
    NO_ROUTE(NetworkFault.NO_ROUTE.text(), "Check the network, and firewalls on the way"),
    NO_ANSWER(
        NetworkFault.NO_ANSWER.text(),
        "Check %shost and .port, firewalls on the way, and whether that port speaks TLS (.ssl.enabled)"
            .formatted(SETTING)),
    NO_TLS(
        NetworkFault.NO_TLS.text(),
        "Check whether that port speaks TLS (%sssl.enabled) and who signed its certificate"
                .formatted(SETTING)
            + " (.ssl.bundle)"),
    NOT_REDIS(
        "what answers there is not Redis",
        "Check %shost and .port, and whether that port speaks TLS (.ssl.enabled)"
            .formatted(SETTING)),
    PASSWORD_WRONG(
        "it does not accept the password, or does not know the user",
        "Check %susername and .password".formatted(SETTING),
        Pattern.compile("^(WRONGPASS|ERR invalid password)")),
    PASSWORD_UNWANTED(
        "a password is set, and it has none",
        "Take %spassword away, or give Redis one (requirepass)".formatted(SETTING),
        Pattern.compile("^ERR (Client sent AUTH, but no password|AUTH <password> called without)")),
    PASSWORD_MISSING(
        "it wants a password, and none is set",
        "Set %spassword (as a variable: SPRING_DATA_REDIS_PASSWORD)".formatted(SETTING),
        Pattern.compile("^NOAUTH")),
    RIGHTS(
        "the user may not do all that Parley needs",
        "Give it the rights that docs/OPERATIONS.md lists (ACL SETUSER)",
        Pattern.compile("NOPERM|ACL failure|The user executing the script can't")),
    DATABASE(
        "it has no such database",
        "Check %sdatabase".formatted(SETTING),
        Pattern.compile("^ERR (invalid DB index|DB index is out of range|SELECT is not allowed)")),
    PROTECTED(
        "it is in protected mode and takes connections from its own machine only",
        "Give Redis a password (requirepass) and a bind address",
        Pattern.compile("^DENIED")),
    TOO_MANY_CLIENTS(
        "it has as many clients as it takes",
        "Raise maxclients, or end those that are not needed",
        Pattern.compile("^ERR max number of clients")),
    LOADING(
        "it is still loading its data", "Wait, or look at its log", Pattern.compile("^LOADING")),
    REPLICA(
        "it leads to a replica",
        "Let %shost lead to the primary".formatted(SETTING),
        Pattern.compile("READONLY |MASTERDOWN ")),
    CLUSTER(
        "it is a node of a cluster",
        "Use a single Redis: Cluster is not supported yet",
        Pattern.compile("MOVED |CLUSTERDOWN |CROSSSLOT |ASK ")),
    UNSUPPORTED(
        "it lacks a command",
        "Use Redis 6.2 or newer, or Valkey; no Sentinel, and no proxy that hides commands",
        Pattern.compile("unknown (sub)?command")),
    ENDS(
        "it ends the connection at once",
        "Look at its log, and check whether that port speaks TLS (%sssl.enabled)"
            .formatted(SETTING),
        Pattern.compile("Connection closed|Connection reset|Broken pipe")),
    FULL(
        "it is full and refuses messages",
        "Raise its maxmemory, or keep less (parley.history.size, .retention and .bytes)",
        Pattern.compile("OOM command not allowed")),
    NOT_SAVING(
        "it cannot save its snapshots and refuses messages",
        "Look at its log and its disk (stop-writes-on-bgsave-error)",
        Pattern.compile("MISCONF ")),
    TOO_FEW_REPLICAS(
        "it has too few replicas and refuses messages",
        "Bring its replicas back, or lower min-replicas-to-write",
        Pattern.compile("NOREPLICAS ")),
    EVICTION(
        "it may throw away what it was given: its maxmemory-policy is not noeviction",
        "Set it: CONFIG SET maxmemory-policy noeviction, and the same in redis.conf"),
    OTHER("it fails", "Look at its log");

    private final String text;
    private final String remedy;

    /** Of error replies that mean this; null if none does. */
    private final @Nullable Pattern reply;

    Kind(String text, String remedy) {
      this(text, remedy, null);
    }

    Kind(String text, String remedy, @Nullable Pattern reply) {
      this.text = text;
      this.remedy = remedy;
      this.reply = reply;
    }
  }

  /** A connection cannot be used, for a reason that is no error reply. */
  static final class UnusableException extends RuntimeException {
    private final transient RedisProblem problem;

    UnusableException(Kind kind) {
      super(kind.text);
      this.problem = new RedisProblem(kind, null);
    }
  }

  /** What an attempt to connect, or to prepare a connection, failed with. */
  static RedisProblem of(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof UnusableException unusable) {
        return unusable.problem;
      }
      if (cause instanceof RedisProtocolException) {
        return new RedisProblem(Kind.NOT_REDIS, null);
      }
      if (cause instanceof RedisCommandTimeoutException) {
        return new RedisProblem(Kind.NO_ANSWER, null);
      }
    }
    NetworkFault fault = NetworkFault.of(failure);
    if (fault != null) {
      Kind kind =
          switch (fault) {
            case UNKNOWN_NAME -> Kind.UNKNOWN_NAME;
            case NOT_LISTENING -> Kind.NOT_LISTENING;
            case NO_ROUTE -> Kind.NO_ROUTE;
            case NO_ANSWER -> Kind.NO_ANSWER;
            case NO_TLS -> Kind.NO_TLS;
          };
      return new RedisProblem(kind, kind == Kind.NO_TLS ? last(failure).getMessage() : null);
    }
    return of(Objects.requireNonNullElse(last(failure).getMessage(), "no reason is given"));
  }

  /** What Redis replied. */
  static RedisProblem of(String reply) {
    // Redis repeats the arguments of a command that it does not know, such as a password.
    String detail = reply.replaceFirst("(?s),? with args.*", "").strip();
    for (Kind kind : Kind.values()) {
      if (kind.reply != null && kind.reply.matcher(reply).find()) {
        return new RedisProblem(kind, detail);
      }
    }
    return new RedisProblem(Kind.OTHER, detail);
  }

  private static Throwable last(Throwable failure) {
    Throwable last = failure;
    while (last.getCause() != null) {
      last = last.getCause();
    }
    return last;
  }

  /**
   * For the log and the health.
   *
   * @param address of Redis
   */
  String sentence(String address) {
    return "Redis at %s cannot be used: %s%s. %s."
        .formatted(address, kind.text, detail == null ? "" : " (" + detail + ")", kind.remedy);
  }
}
