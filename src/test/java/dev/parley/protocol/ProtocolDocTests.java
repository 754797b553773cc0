package dev.parley.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class ProtocolDocTests {
  private static final Path DOC = Path.of("docs", "PROTOCOL.md");

  @Test
  void errorCodesAreThoseOfTheDocument() throws IOException {
    assertThat(table("Error codes"))
        .isEqualTo(catalogue(ErrorCode.values(), ErrorCode::wireName, ErrorCode::retry));
  }

  @Test
  void closeCodesAreThoseOfTheDocument() throws IOException {
    assertThat(table("Close codes"))
        .isEqualTo(
            catalogue(
                CloseCode.values(), code -> Integer.toString(code.code()), CloseCode::reconnect));
  }

  @Test
  void closeCodesOfOursSayByTheirRangeWhetherToReconnect() {
    for (CloseCode code : CloseCode.values()) {
      if (code.code() >= 4000) {
        assertThat(code.reconnect().equals("no")).as(code.name()).isEqualTo(code.code() >= 4500);
      }
    }
  }

  private static <T> Map<String, String> catalogue(
      T[] codes, Function<T, String> name, Function<T, String> advice) {
    return Arrays.stream(codes).collect(Collectors.toMap(name, advice));
  }

  /**
   * The table under the heading that begins so: each code of the first column to the last column.
   */
  private static Map<String, String> table(String heading) throws IOException {
    List<String> rows =
        Files.readAllLines(DOC).stream()
            .dropWhile(line -> !line.startsWith("## " + heading))
            .dropWhile(line -> !line.startsWith("|---"))
            .skip(1)
            .takeWhile(line -> line.startsWith("|"))
            .toList();
    Map<String, String> advice = new LinkedHashMap<>();
    for (String row : rows) {
      String[] cells = row.substring(1, row.lastIndexOf('|')).split("\\|", -1);
      for (String code : cells[0].replace("`", "").split(",", -1)) {
        assertThat(advice.put(code.strip(), cells[cells.length - 1].strip())).isNull();
      }
    }
    assertThat(advice).isNotEmpty();
    return advice;
  }
}
