package dev.parley.browser;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Takes the code samples out of an article's text, in the order in which they stand there.
 *
 * <p>Five articles print code in four ways: fenced, indented in a list item, with line numbers, or
 * as plain lines amid the prose. Mended is only what the printing broke: line numbers and the
 * list's indentation go, and typographic quotes become the ones that JavaScript knows.
 */
final class ArticleCode {
  private static final Pattern FENCE = Pattern.compile("```(\\w*)");
  private static final Pattern LISTED = Pattern.compile(" {2}\\d+\\. {2}(\\S.*[;{])");
  private static final Pattern URL =
      Pattern.compile("wss?://(localhost:8080|example\\.com(/socket)?)");
  private static final String LIST_INDENT = "     ";

  private final List<String> lines;
  private final List<String> samples = new ArrayList<>();
  private int at;

  private ArticleCode(List<String> lines) {
    this.lines = lines;
  }

  /**
   * @param file name of a file in src/test/resources/articles
   */
  static List<String> samplesOf(String file) {
    ArticleCode code = new ArticleCode(read(file).lines().toList());
    code.collect();
    return List.copyOf(code.samples);
  }

  /** The only sample of the file that contains the text. */
  static String sample(String file, String text) {
    List<String> found = samplesOf(file).stream().filter(code -> code.contains(text)).toList();
    if (found.size() != 1) {
      throw new IllegalArgumentException(found.size() + " samples of " + file + " have: " + text);
    }
    return found.getFirst();
  }

  /** What a sample shows of the client, where it goes on with the server's side. */
  static String clientPart(String sample) {
    int server = sample.indexOf("\n// Server");
    return server < 0 ? sample : sample.substring(0, server + 1);
  }

  /** The sample with nothing but its server's address changed. */
  static String withUrl(String sample, String url) {
    return URL.matcher(sample).replaceAll(Matcher.quoteReplacement(url));
  }

  private void collect() {
    while (at < lines.size()) {
      Matcher fence = FENCE.matcher(lines.get(at));
      Matcher listed = LISTED.matcher(lines.get(at));
      if (fence.matches()) {
        at++;
        add(fenced());
      } else if (listed.matches()) {
        at++;
        add(listed(listed.group(1)));
      } else if (unnumbered(1) != null) {
        add(numbered());
      } else if (looksLikeCode(lines.get(at))) {
        add(amidProse());
      } else {
        at++;
      }
    }
  }

  private List<String> fenced() {
    List<String> code = new ArrayList<>();
    while (!lines.get(at).equals("```")) {
      code.add(lines.get(at++));
    }
    at++;
    return code;
  }

  /** The code begins behind a list item's number; what follows is indented below it. */
  private List<String> listed(String first) {
    List<String> code = new ArrayList<>(List.of(first));
    while (at < lines.size() && (lines.get(at).isBlank() || lines.get(at).startsWith("    "))) {
      String line = lines.get(at++);
      code.add(line.startsWith(LIST_INDENT) ? line.substring(LIST_INDENT.length()) : line.strip());
    }
    return code;
  }

  private List<String> numbered() {
    List<String> code = new ArrayList<>();
    for (String line = unnumbered(1); line != null; line = unnumbered(code.size() + 1)) {
      code.add(line);
      at++;
    }
    return code;
  }

  /** The line behind its number, where it has just this number and is code or empty. */
  private @Nullable String unnumbered(int number) {
    String prefix = Integer.toString(number);
    if (at >= lines.size() || !lines.get(at).startsWith(prefix)) {
      return null;
    }
    String rest = lines.get(at).substring(prefix.length());
    boolean begins = looksLikeCode(rest) || rest.startsWith("<");
    return number > 1 || begins ? rest : null;
  }

  /** Lines that look like code, and whatever stands between brackets that they opened. */
  private List<String> amidProse() {
    List<String> code = new ArrayList<>();
    int depth = 0;
    while (at < lines.size() && (depth > 0 || looksLikeCode(lines.get(at)))) {
      String line = lines.get(at++);
      code.add(line);
      depth += count(line, "[({]") - count(line, "[)}]");
    }
    return code;
  }

  private static boolean looksLikeCode(String line) {
    return line.endsWith(";") || line.endsWith("{");
  }

  private static int count(String line, String pattern) {
    return (int) Pattern.compile(pattern).matcher(line).results().count();
  }

  private void add(List<String> code) {
    String text = String.join("\n", code).strip() + "\n";
    samples.add(text.replaceAll("[‘’]", "'").replaceAll("[“”]", "\""));
  }

  private static String read(String file) {
    String path = "/articles/" + file;
    try (InputStream in = Objects.requireNonNull(ArticleCode.class.getResourceAsStream(path))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(path + " cannot be read", e);
    }
  }
}
