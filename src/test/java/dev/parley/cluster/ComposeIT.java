package dev.parley.cluster;

import com.microsoft.playwright.Browser;
import dev.parley.ComposeFile;
import dev.parley.browser.Chatter;
import dev.parley.browser.Chrome;
import dev.parley.support.ParleyProcess;
import dev.parley.support.RedisProcess;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * What {@code docker compose up} shows, with processes in place of containers: each has the
 * environment that docker-compose.yml gives it, but for addresses and folders.
 */
@Tag("cluster")
@ExtendWith(Chrome.class)
@Timeout(180)
class ComposeIT {
  private static final List<AutoCloseable> started = new ArrayList<>();
  private static URI page;

  @BeforeAll
  static void start() throws Exception {
    ComposeFile file = new ComposeFile();
    Path secret = Balancer.setUp("compose").resolve("secret");
    RedisProcess redis = RedisProcess.launch();
    started.add(redis);
    String port = "--spring.data.redis.port=" + redis.port();
    ParleyProcess first = launch(file, "parley-1", secret, port);
    ParleyProcess second = launch(file, "parley-2", secret, port);
    ParleyProcess tryout = launch(file, "tryout", secret);
    List<Integer> instances = List.of(first.awaitReady().port(), second.awaitReady().port());
    Balancer balancer = Balancer.start("compose", instances, tryout.awaitReady().port());
    started.add(balancer);
    page = URI.create("https://localhost:" + balancer.port() + "/");
  }

  private static ParleyProcess launch(
      ComposeFile file, String service, Path secret, String... settings) {
    Map<String, String> environment = file.environment(service);
    environment.replace("SPRING_CONFIG_IMPORT", "configtree:" + secret + "/");
    environment.replace("SPRING_DATA_REDIS_HOST", "127.0.0.1");
    environment.replace("PARLEY_ACCESS_HOSTS", "localhost");
    ParleyProcess process = ParleyProcess.plain("compose-" + service, environment, settings);
    started.add(process);
    return process;
  }

  @AfterAll
  static void stop() throws Exception {
    for (AutoCloseable each : started.reversed()) {
      each.close();
    }
  }

  @Test
  void peopleWithTokensAndGuestsTalkOnTheDemoPage(Browser browser) {
    try (Chatter anna = Chatter.enter(browser, page, "Anna", "compose");
        Chatter ben = Chatter.enter(browser, page, "Ben", "compose");
        Chatter guest = Chatter.enterAsGuest(browser, page, "Gus", "compose")) {
      anna.say("from Anna");
      guest.expectMessages("from Anna");
      guest.say("from a guest");
      for (Chatter each : List.of(anna, ben, guest)) {
        each.expectMessages("from Anna", "from a guest");
        each.expectNoErrors();
      }
    }
  }
}
