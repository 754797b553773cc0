package dev.parley;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** src/main/systemd against systemd, where there is one, and against what the service is set to. */
@Tag("helm")
@Timeout(60)
class SystemdTests {
  private static final Path UNIT = Path.of("src/main/systemd/parley.service");
  private static final Path SETTINGS = Path.of("src/main/systemd/parley.env");
  private static final Path APPLICATION = Path.of("src/main/resources/application.yml");

  @Test
  void systemdUnderstandsTheUnit(@TempDir Path folder) throws Exception {
    Path verifier = Path.of("/usr/bin/systemd-analyze");
    assumeTrue(Files.isExecutable(verifier), "no systemd-analyze");
    String unit =
        Files.readString(UNIT)
            .replace(
                "/opt/parley/parley\n", Path.of("src/main/scripts/parley").toAbsolutePath() + "\n");
    assertThat(verify(verifier, folder, unit)).isEmpty();
    assertThat(verify(verifier, folder, unit.replace("ProtectHome=", "ProtectHouse=")))
        .contains("ProtectHouse");
  }

  private static String verify(Path verifier, Path folder, String unit) throws Exception {
    Path file = Files.writeString(folder.resolve("parley.service"), unit);
    Process process =
        new ProcessBuilder(verifier.toString(), "verify", "--man=no", file.toString())
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    // Other units of the machine are read as well, and are no concern of ours.
    return String.join("\n", output.lines().filter(line -> line.contains("parley")).toList());
  }

  @Test
  void theServiceRunsWithoutRightsOnAFileSystemThatItCannotWrite() throws IOException {
    assertThat(Files.readAllLines(UNIT))
        .contains(
            "DynamicUser=yes",
            "ProtectSystem=strict",
            "NoNewPrivileges=yes",
            "CapabilityBoundingSet=",
            "PrivateTmp=yes")
        .noneMatch(line -> line.startsWith("User=") || line.startsWith("ReadWritePaths="))
        // The JVM compiles to memory that it then runs, and reads its limits from /proc/cgroups.
        .noneMatch(line -> line.startsWith("MemoryDenyWriteExecute=yes"))
        .noneMatch(line -> line.startsWith("ProcSubset=pid"));
  }

  @Test
  void theServiceMayDrainBeforeItIsKilled() throws IOException {
    String settings = Files.readString(APPLICATION);
    int window = Integer.parseInt(found("#window: (\\d+)s", settings).getFirst());
    int grace = Integer.parseInt(found("#grace: (\\d+)s", settings).getFirst());
    int given = Integer.parseInt(found("TimeoutStopSec=(\\d+)", Files.readString(UNIT)).getFirst());
    assertThat(given).isGreaterThanOrEqualTo(window + grace + 20);
  }

  @Test
  void heapAndBuffersFitIntoTheMemoryOfTheUnit() throws IOException {
    String unit = Files.readString(UNIT);
    assertThat(unit).contains("\nMemoryMax=1G\n", "-XX:MaxDirectMemorySize=256m\n");
    assertThat(Files.readString(Path.of("src/main/image/jvm.options")))
        .contains("-XX:MaxRAMPercentage=50");
  }

  @Test
  void everyVariableOfParleyIsASetting() throws IOException {
    Set<String> settings = new TreeSet<>();
    for (String name : found("(?m)^ +#?([a-z][a-z-]*):", Files.readString(APPLICATION))) {
      settings.add(name.toUpperCase(Locale.ROOT).replace('-', '_'));
    }
    assertThat(found("(?m)^#PARLEY_(?:ACCESS_)?([A-Z_]+)=", Files.readString(SETTINGS)))
        .isNotEmpty()
        .isSubsetOf(settings);
  }

  private static List<String> found(String pattern, String text) {
    return Pattern.compile(pattern)
        .matcher(text)
        .results()
        .map((MatchResult result) -> result.group(1))
        .toList();
  }
}
