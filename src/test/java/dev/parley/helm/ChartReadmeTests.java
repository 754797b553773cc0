package dev.parley.helm;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** helm/parley/README.md against values.yaml and values.schema.json. */
@Tag("helm")
@Timeout(60)
class ChartReadmeTests {
  private static final JsonMapper JSON = new JsonMapper();
  private static final Pattern ROW =
      Pattern.compile("(?m)^\\| `([\\w.-]+)` \\| (\\w+) \\| `(.*?)` \\| (.+) \\|$");
  private static final Pattern LINK = Pattern.compile("\\]\\((?!https?:|#)([^)#]+)");
  private static final Pattern EXAMPLE = Pattern.compile("(?ms)^```yaml\\n(replicas: .*?)^```");

  /** What the table says of a value. */
  private record Row(String type, JsonNode preset) {}

  @Test
  void theTableHasEveryValueWithItsTypeAndDefaultAndNoOther() {
    Map<String, Row> rows = new LinkedHashMap<>();
    Matcher row = ROW.matcher(Chart.read("README.md"));
    while (row.find()) {
      rows.put(row.group(1), new Row(row.group(2), JSON.readTree(row.group(3))));
    }
    JsonNode schema = JSON.readTree(Chart.read("values.schema.json"));
    JsonNode values = JSON.valueToTree(Chart.map(Chart.read("values.yaml")));
    Map<String, Row> presets = new LinkedHashMap<>();
    values(schema, schema, "", values, presets);
    assertThat(rows).isEqualTo(presets);
    assertThat(rows.keySet()).containsExactlyElementsOf(presets.keySet());
  }

  @Test
  void everyValueOfTheSchemaHasADefault() {
    JsonNode schema = JSON.readTree(Chart.read("values.schema.json"));
    assertThat(schema.path("properties").propertyNames())
        .filteredOn(name -> !name.equals("global"))
        .containsExactlyInAnyOrderElementsOf(Chart.map(Chart.read("values.yaml")).keySet());
  }

  @Test
  void theExampleForProductionIsTaken() {
    Matcher example = EXAMPLE.matcher(Chart.read("README.md"));
    assertThat(example.find()).isTrue();
    assertThat(Manifests.of(example.group(1)).all()).flatExtracting(UnknownFields::of).isEmpty();
  }

  @Test
  void linksLeadSomewhere() {
    assertThat(LINK.matcher(Chart.read("README.md")).results())
        .extracting(link -> link.group(1))
        .allMatch(target -> Files.exists(Chart.DIRECTORY.resolve(Path.of(target))));
  }

  /** Goes down as long as the schema names what is below. */
  private static void values(
      JsonNode root, JsonNode schema, String path, JsonNode value, Map<String, Row> found) {
    if (schema.has("$ref")) {
      JsonNode definition = root.at(schema.path("$ref").asString().substring(1));
      values(root, definition, path, value, found);
    } else if (schema.has("properties") && !path.endsWith("resources") && !value.isEmpty()) {
      value
          .properties()
          .forEach(entry ->
              values(
                  root,
                  schema.path("properties").path(entry.getKey()),
                  path.isEmpty() ? entry.getKey() : path + "." + entry.getKey(),
                  entry.getValue(),
                  found));
    } else {
      String type = schema.path("type").asString("string");
      found.put(path, new Row(type.equals("array") ? "list" : type, value));
    }
  }
}
