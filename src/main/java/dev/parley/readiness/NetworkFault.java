package dev.parley.readiness;

import io.netty.channel.ConnectTimeoutException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.PortUnreachableException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** Why a server cannot be talked to, told from the exceptions of all the clients in use. */
@SuppressWarnings("ImmutableEnumChecker") // its lists are never changed
public enum NetworkFault {
  UNKNOWN_NAME(
      "its name cannot be resolved",
      List.of(UnknownHostException.class, UnresolvedAddressException.class)),
  NO_TLS("the TLS handshake fails", List.of(SSLException.class)),
  NO_ROUTE(
      "there is no way to it",
      List.of(NoRouteToHostException.class, PortUnreachableException.class)),
  /** Before the next, since Netty's is one of those, too. */
  NO_ANSWER(
      "it does not answer in time",
      List.of(
          TimeoutException.class,
          HttpTimeoutException.class,
          ConnectTimeoutException.class,
          SocketTimeoutException.class)),
  NOT_LISTENING("nothing listens there", List.of(ConnectException.class));

  private final String text;
  private final List<Class<? extends Exception>> types;

  NetworkFault(String text, List<Class<? extends Exception>> types) {
    this.text = text;
    this.types = types;
  }

  /** As it follows a colon behind the server's address. */
  public String text() {
    return text;
  }

  /** Null if it is something else. */
  public static @Nullable NetworkFault of(Throwable failure) {
    return Arrays.stream(values()).filter(fault -> fault.isIn(failure)).findFirst().orElse(null);
  }

  private boolean isIn(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      Throwable each = cause;
      if (types.stream().anyMatch(type -> type.isInstance(each))) {
        return true;
      }
    }
    return false;
  }
}
