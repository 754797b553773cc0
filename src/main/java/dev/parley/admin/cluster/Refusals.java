package dev.parley.admin.cluster;

import dev.parley.http.QueryParameters;
import dev.parley.http.RefusedException;
import dev.parley.protocol.ErrorCode;
import dev.parley.protocol.RoomName;
import dev.parley.protocol.UserId;
import dev.parley.security.Problem;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Set;
import org.springframework.http.HttpStatus;

/** Reads what names something in a request, and refuses what cannot be read or is not there. */
public final class Refusals {
  private static final long RETRY_SECONDS = 1;

  private Refusals() {}

  /**
   * For a request that takes no parameter in its query: one that is misspelt is not passed over.
   */
  public static void anyQuery(HttpServletRequest request) {
    QueryParameters.of(request, Set.of());
  }

  public static RoomName room(String value) {
    RoomName room = RoomName.parse(value);
    if (room == null) {
      throw RefusedException.parameter(
          ErrorCode.INVALID_ROOM, "room", ErrorCode.INVALID_ROOM.text());
    }
    return room;
  }

  public static UserId user(String value) {
    UserId user = UserId.parse(value);
    if (user == null) {
      throw bad("user", "is expected to be 1-127 characters of A-Z a-z 0-9 . _ : ~ @ | + = -");
    }
    return user;
  }

  public static InstanceName instance(String value) {
    InstanceName instance = InstanceName.parse(value);
    if (instance == null) {
      throw bad("instance", "is expected to be an id that GET /api/v1/instances gives");
    }
    return instance;
  }

  public static ConnectionName connection(String value) {
    ConnectionName connection = ConnectionName.parse(value);
    if (connection == null) {
      throw bad("connection", "is expected to be an id that GET /api/v1/connections gives");
    }
    return connection;
  }

  public static long offset(String value) {
    if (value.matches("[1-9][0-9]{0,15}") && Long.parseLong(value) < 1L << 53) {
      return Long.parseLong(value);
    }
    throw bad("offset", "is expected to be a whole number from 1 to 9007199254740991");
  }

  public static RefusedException bad(String parameter, String fault) {
    return RefusedException.parameter(
        ErrorCode.INVALID_MESSAGE, parameter, parameter + " " + fault);
  }

  public static RefusedException notFound(String detail) {
    return new RefusedException(new Problem(HttpStatus.NOT_FOUND, detail));
  }

  /** The one instance that could answer does not. */
  public static RefusedException silent(InstanceName instance) {
    return unavailable("Instance " + instance + " did not answer in time");
  }

  static RefusedException busy() {
    return unavailable("Too many requests to the instances are under way");
  }

  public static RefusedException brokerUnavailable() {
    return new RefusedException(Problem.of(ErrorCode.BROKER_UNAVAILABLE, null, null));
  }

  /** The broker did not say whether it did it. */
  public static RefusedException unconfirmed(String detail) {
    return new RefusedException(
        new Problem(HttpStatus.SERVICE_UNAVAILABLE, detail, ErrorCode.UNCONFIRMED, RETRY_SECONDS));
  }

  private static RefusedException unavailable(String detail) {
    return new RefusedException(
        new Problem(HttpStatus.SERVICE_UNAVAILABLE, detail, null, RETRY_SECONDS));
  }
}
