package dev.parley.budget;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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
    Table table = Table.read(column);
    int heap = container / 2;
    int direct = container / 4;
    Budgets budgets = defaults().budgets(bytes(heap), bytes(direct) / 4);
    for (BudgetKind kind : BudgetKind.values()) {
      long megabytes = budgets.of(kind).limit() / bytes(1);
      assertThat(table.of(kind.label())).as(kind.label()).isEqualTo((int) megabytes);
    }
    assertHeap(table, "embedded", List.of("log"));
    assertHeap(table, "Redis", List.of("bus", "publish"));
    assertThat(table.of("heap")).isEqualTo(heap);
    assertThat(table.of("direct memory"))
        .isEqualTo(direct)
        .isEqualTo(table.of("outbound") + table.of("direct beside it"));
    assertThat(table.of("container"))
        .isEqualTo(container)
        .isEqualTo(table.of("heap") + table.of("direct memory") + table.of("the JVM's own"));
  }

  private static void assertHeap(Table table, String broker, List<String> own) {
    int sum = Stream.concat(SHARED.stream(), own.stream()).mapToInt(table::of).sum();
    assertThat(table.of("all with " + broker)).as(broker).isEqualTo(sum);
    assertThat(table.of("heap"))
        .as(broker)
        .isEqualTo(sum + table.of("heap beside them, " + broker));
  }

  private static BudgetProperties defaults() {
    return Binder.get(new StandardEnvironment())
        .bindOrCreate("parley.budget", BudgetProperties.class);
  }

  private static long bytes(int megabytes) {
    return megabytes * 1_048_576L;
  }

  /** A column of the table, by the first cell of each row without its marks. */
  private record Table(Map<String, Integer> rows) {
    static Table read(int column) throws IOException {
      String document = Files.readString(Path.of("docs/OPERATIONS.md"));
      String section =
          document.substring(document.indexOf("## Memory"), document.indexOf("## Tuning"));
      Map<String, Integer> rows = new HashMap<>();
      section
          .lines()
          .filter(line -> line.startsWith("| ") && !line.startsWith("| budget "))
          .map(line -> line.substring(2).split(" \\| ", -1))
          .forEach(
              cells -> rows.put(cells[0].replaceAll("[`*]", ""), Integer.valueOf(cells[column])));
      return new Table(rows);
    }

    int of(String row) {
      return Objects.requireNonNull(rows.get(row), row);
    }
  }
}
