package dev.parley.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.support.ParleyService;
import dev.parley.support.Requirement;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Runs the tests of clients/js, which are written for the runner that Node brings along. */
@Tag("service")
@Timeout(180)
class JavaScriptClientTests {
  private static final Path CLIENT = Path.of("clients/js");

  /** The first that has a WebSocket of its own. */
  private static final int OLDEST_NODE = 20;

  @TempDir private Path folder;

  @BeforeAll
  static void findNode() throws Exception {
    String version;
    try {
      Process node = new ProcessBuilder("node", "--version").start();
      version = new String(node.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    } catch (IOException e) {
      throw Requirement.NODE.missing("there is no node on the PATH");
    }
    Matcher major = Pattern.compile("v(\\d+)\\..*").matcher(version);
    if (!major.matches() || Integer.parseInt(major.group(1)) < OLDEST_NODE) {
      throw Requirement.NODE.missing("node " + version + " is older than " + OLDEST_NODE);
    }
  }

  @Test
  void itsTestsPass() throws Exception {
    assertPasses(null, "node", "--test", "test/*.test.js");
  }

  @Test
  void itTalksToTheService() throws Exception {
    try (ParleyService service = ParleyService.start()) {
      assertPasses(
          service.http("").toString(),
          "node",
          "--experimental-websocket",
          "--test",
          "test/server/*.test.js");
    }
  }

  @Test
  void itsTypesHoldAndItIsSmall() throws Exception {
    if (Files.notExists(CLIENT.resolve("node_modules"))) {
      throw Requirement.NODE.missing("its tools are not installed: npm ci in " + CLIENT);
    }
    assertPasses(null, "node", "node_modules/typescript/bin/tsc", "--project", "tsconfig.json");
    assertPasses(null, "node", "--test", "test/tools/*.test.js");
  }

  /** Node 20 does not know patterns of files, so they are replaced here. */
  private void assertPasses(@Nullable String service, String... command) throws Exception {
    List<String> words = new ArrayList<>();
    for (String word : command) {
      if (word.contains("*")) {
        words.addAll(files(word));
      } else {
        words.add(word);
      }
    }
    Path output = folder.resolve("output");
    ProcessBuilder builder =
        new ProcessBuilder(words)
            .directory(CLIENT.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile());
    builder.environment().remove("PARLEY_URL");
    if (service != null) {
      builder.environment().put("PARLEY_URL", service);
    }
    Process process = builder.start();
    try {
      assertThat(process.waitFor(150, TimeUnit.SECONDS)).as("ended in time").isTrue();
      assertThat(process.exitValue()).as(() -> read(output)).isZero();
    } finally {
      process.destroyForcibly();
    }
  }

  private static List<String> files(String pattern) throws IOException {
    Path directory = CLIENT.resolve(pattern).getParent();
    try (Stream<Path> all = Files.list(directory)) {
      return all.map(CLIENT::relativize)
          .map(Path::toString)
          .filter(name -> name.endsWith(".test.js"))
          .sorted()
          .toList();
    }
  }

  private static String read(Path output) {
    try {
      return Files.readString(output);
    } catch (IOException e) {
      return e.toString();
    }
  }
}
