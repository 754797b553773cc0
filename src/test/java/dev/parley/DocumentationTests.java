package dev.parley;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What readers of the documents rely on and a compiler does not check. */
class DocumentationTests {
  private static final Pattern LINK =
      Pattern.compile("\\]\\((?!https?:)([^)#\\s]*)(?:#([^)\\s]+))?\\)");
  private static final Pattern HEADING = Pattern.compile("(?m)^#{1,6} +(.+)$");
  private static final Pattern CODE = Pattern.compile("(?ms)^```.*?^```");

  private static final int COLUMNS = 120;

  /** A row of a table, a link's definition, or an address that nothing can be wrapped before. */
  private static final Pattern UNBREAKABLE = Pattern.compile("\\|.*|\\[[^]]+]: .*|\\S*https?:\\S+");

  static List<Path> documents() throws IOException {
    try (Stream<Path> root = Files.list(Path.of("."));
        Stream<Path> docs = Files.list(Path.of("docs"));
        Stream<Path> helm = Files.list(Path.of("helm/parley"))) {
      return Stream.of(root, docs, helm)
          .flatMap(files -> files)
          .filter(file -> file.toString().endsWith(".md"))
          .map(Path::normalize)
          .sorted()
          .toList();
    }
  }

  @ParameterizedTest
  @MethodSource("documents")
  void linesOfProseAreWrapped(Path document) throws IOException {
    String prose = CODE.matcher(Files.readString(document)).replaceAll("");
    assertThat(prose.lines())
        .filteredOn(line -> line.length() > COLUMNS)
        .allMatch(line -> UNBREAKABLE.matcher(line.strip()).matches());
  }

  @ParameterizedTest
  @MethodSource("documents")
  void linksLeadSomewhere(Path document) throws IOException {
    List<String> broken = new ArrayList<>();
    Matcher link = LINK.matcher(CODE.matcher(Files.readString(document)).replaceAll(""));
    while (link.find()) {
      Path target = link.group(1).isEmpty() ? document : document.resolveSibling(link.group(1));
      String anchor = link.group(2);
      if (Files.notExists(target) || (anchor != null && !anchors(target).contains(anchor))) {
        broken.add(link.group());
      }
    }
    assertThat(broken).isEmpty();
  }

  /** The anchors of a file's headings, as GitHub makes them. */
  private static List<String> anchors(Path file) throws IOException {
    return HEADING
        .matcher(CODE.matcher(Files.readString(file)).replaceAll(""))
        .results()
        .map(heading -> heading.group(1).toLowerCase(Locale.ROOT))
        .map(heading -> heading.replaceAll("[^\\p{L}\\p{N} _-]", "").trim().replace(' ', '-'))
        .toList();
  }
}
