package dev.parley;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** src/main/scripts/parley, with programs in place of Java that say which version they are. */
@Tag("service")
@Timeout(60)
class StartScriptTests {
  @TempDir private Path folder;

  @BeforeEach
  void install() throws IOException {
    Files.copy(Path.of("src/main/scripts/parley"), folder.resolve("parley"));
  }

  /** Its arguments are what it prints when it is started. */
  private Path java(String name, String version) throws IOException {
    String script =
        "#!/bin/sh\nif [ \"$1\" = -version ]; then echo 'openjdk version \"%s\"' >&2; else echo %s \"$@\"; fi\n"
            .formatted(version, name);
    Path java = folder.resolve(name).resolve("bin").resolve("java");
    Files.createDirectories(java.getParent());
    Files.writeString(java, script);
    Files.setPosixFilePermissions(java, PosixFilePermissions.fromString("rwxr-xr-x"));
    return java;
  }

  private Path home(String name, String version) throws IOException {
    java(name, version);
    return folder.resolve(name);
  }

  private String run(String javaOfParley, String javaHome, String... arguments) throws Exception {
    // Of the machine's own there are none that the script would find.
    String script = Files.readString(folder.resolve("parley")).replace("/usr/lib/jvm", "/nowhere");
    Files.writeString(folder.resolve("parley"), script);
    ProcessBuilder builder = new ProcessBuilder("/bin/sh", folder.resolve("parley").toString());
    builder.command().addAll(java.util.List.of(arguments));
    builder.environment().clear();
    builder.environment().put("PATH", folder.resolve("old/bin") + ":/bin:/usr/bin");
    builder.environment().put("PARLEY_JAVA", javaOfParley);
    builder.environment().put("JAVA_HOME", javaHome);
    builder.environment().put("JAVA_OPTS", "-Xmx1g -ea");
    Process process = builder.redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(output).isEqualTo(output.startsWith("parley: ") ? 1 : 0);
    return output.strip();
  }

  @Test
  void aJavaThatIsTooOldIsNamedWithWhatIsNeeded() throws Exception {
    Path old = java("old", "17.0.15");
    Path older = java("older", "1.8.0_402");
    assertThat(run("", folder.resolve("older").toString()))
        .isEqualTo(
            "parley: needs Java 25 or newer; found: %s (1) %s (17). Install a JRE 25, or set JAVA_HOME or PARLEY_JAVA to one."
                .formatted(older, old));
  }

  @Test
  void theFirstJavaThatIsNewEnoughStartsTheJar() throws Exception {
    java("old", "17.0.15");
    Path home = home("new", "25.0.3");
    Path jar = Files.writeString(folder.resolve("parley.jar"), "");
    assertThat(run("", home.toString(), "--parley.lanes=2"))
        .isEqualTo("new -Xmx1g -ea -jar " + jar + " --parley.lanes=2");
    Path options = Files.writeString(folder.resolve("jvm.options"), "");
    assertThat(run(java("named", "26").toString(), home.toString()))
        .isEqualTo("named @" + options + " -Xmx1g -ea -jar " + jar);
  }

  @Test
  void aJarThatIsNotThereIsSaid() throws Exception {
    Path home = home("new", "25");
    java("old", "17");
    assertThat(run("", home.toString()))
        .isEqualTo("parley: cannot read " + folder.resolve("parley.jar") + ": put the jar there.");
  }
}
