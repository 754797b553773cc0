package dev.parley.budget;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.env.StandardEnvironment;

/** The sum in docs/OPERATIONS.md, section Memory, is that of the defaults. */
class MemoryDocTests {
  private static final List<String> SHARED =
      List.of("connections", "rooms", "inbound", "replay", "rest");

  @ParameterizedTest
  @CsvSource({"512, 2", "1024, 3", "4096, 4"})
  void theBudgetsAreTheDefaultsAndAddUpToTheContainer(int container, int column)
      throws IOException {
    Map<String, Integer> table = column(column);
    int heap = container / 2;
    int direct = container / 4;
    long outbound = bytes(direct) / 4;
    Budgets budgets = defaults().budgets(bytes(heap), outbound);
    for (BudgetKind kind : BudgetKind.values()) {
      long megabytes = budgets.of(kind).limit() / bytes(1);
      assertThat(table.get(kind.label())).as(kind.label()).isEqualTo((int) megabytes);
    }
    assertHeap(table, "embedded", List.of("log"));
    assertHeap(table, "Redis", List.of("bus", "publish"));
    assertThat(table.get("heap")).isEqualTo(heap);
    assertThat(table.get("direct memory"))
        .isEqualTo(direct)
        .isEqualTo(table.get("outbound") + table.get("direct beside it"));
    assertThat(table.get("container"))
        .isEqualTo(container)
        .isEqualTo(table.get("heap") + table.get("direct memory") + table.get("the JVM's own"));
  }

  private static void assertHeap(Map<String, Integer> table, String broker, List<String> own) {
    int sum = Stream.concat(SHARED.stream(), own.stream()).mapToInt(table::get).sum();
    assertThat(table.get("all with " + broker)).as(broker).isEqualTo(sum);
    assertThat(table.get("heap"))
        .as(broker)
        .isEqualTo(sum + table.get("heap beside them, " + broker));
  }

  private static BudgetProperties defaults() {
    return Binder.get(new StandardEnvironment())
        .bindOrCreate("parley.budget", BudgetProperties.class);
  }

  private static long bytes(int megabytes) {
    return megabytes * 1_048_576L;
  }

  /** By the first cell of each row, without its marks. */
  private static Map<String, Integer> column(int index) throws IOException {
    String document = Files.readString(Path.of("docs/OPERATIONS.md"));
    String section = document.substring(document.indexOf("## Memory"), document.indexOf("## Tun"));
    Map<String, Integer> column = new HashMap<>();
    section
        .lines()
        .filter(line -> line.startsWith("| ") && !line.startsWith("| budget "))
        .map(line -> line.substring(2).split(" \\| ", -1))
        .forEach(
            cells -> column.put(cells[0].replaceAll("[`*]", ""), Integer.valueOf(cells[index])));
    return column;
  }
}
