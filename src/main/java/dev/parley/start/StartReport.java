package dev.parley.start;

import dev.parley.access.AccessProperties;
import dev.parley.access.token.DevTokens;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.boot.info.BuildProperties;
import org.springframework.boot.web.server.Ssl;
import org.springframework.boot.web.server.autoconfigure.ServerProperties;
import org.springframework.context.event.EventListener;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.Environment;
import org.springframework.core.env.Profiles;
import org.springframework.stereotype.Component;

/**
 * The last lines in the log of a start: what runs, and what is open where. Under profile {@code
 * dev} they say where to begin.
 */
@Component
class StartReport {
  private static final Logger log = LoggerFactory.getLogger(StartReport.class);

  private final Environment environment;
  private final AccessProperties access;
  private final ServerProperties server;
  private final @Nullable BuildProperties build;
  private final boolean givesTokens;

  StartReport(
      Environment environment,
      AccessProperties access,
      ServerProperties server,
      ObjectProvider<BuildProperties> build,
      ObjectProvider<DevTokens> tokens) {
    this.environment = environment;
    this.access = access;
    this.server = server;
    this.build = build.getIfAvailable();
    this.givesTokens = tokens.getIfAvailable() != null;
  }

  @EventListener
  @Order(Ordered.LOWEST_PRECEDENCE)
  void ready(ApplicationReadyEvent event) {
    lines(event.getTimeTaken()).forEach(log::info);
  }

  private List<String> lines(@Nullable Duration taken) {
    List<String> lines = new ArrayList<>();
    lines.add(
        "Parley%s has started%s: Java %s, process %d, profiles %s, broker %s"
            .formatted(
                build == null ? "" : " " + build.getVersion(),
                taken == null ? "" : " in %d ms".formatted(taken.toMillis()),
                Runtime.version().feature(),
                ProcessHandle.current().pid(),
                List.of(environment.getActiveProfiles()),
                environment.getProperty("parley.broker", "embedded")));
    boolean dev = environment.acceptsProfiles(Profiles.of("dev"));
    String users = environment.getProperty("local.server.port", "none");
    boolean noOperators = environment.getProperty("management.server.port", "").startsWith("-");
    String operators = environment.getProperty("local.management.port", users);
    String scheme = Ssl.isEnabled(server.getSsl()) ? "https" : "http";
    String site = scheme + "://localhost:" + users;
    if (dev) {
      if (!operators.equals(users)) {
        lines.add(operatorsPort(operators));
      }
      lines.add("Chat page: " + site + "/");
      lines.add("REST, to try out in Swagger UI: " + site + "/swagger-ui.html");
      if (givesTokens) {
        lines.add("A token for anybody: curl '" + site + "/dev/token?user=ann&name=Ann'");
      }
      lines.add("Documentation: docs/PROTOCOL.md for clients, docs/OPERATIONS.md for operators");
    } else {
      lines.add(
          "Users' port %s: WebSocket at /ws and /raw/{room}, REST at /api/v1; %s"
              .formatted(
                  users,
                  access.anonymous()
                      ? "guests need no token for a WebSocket"
                      : "all of it needs a token"));
      lines.add(
          noOperators
              ? "There is no operators' port: management.server.port is negative"
              : operators.equals(users)
                  ? "The users' port has the operators' endpoints too (/actuator): set"
                      + " management.server.port"
                  : operatorsPort(operators));
    }
    return lines;
  }

  private static String operatorsPort(String port) {
    return "Operators' port %s: health and metrics at /actuator, for whoever reaches it"
        .formatted(port);
  }
}
