package dev.parley.admin.openapi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.swagger.v3.oas.models.media.JsonSchema;
import io.swagger.v3.oas.models.media.Schema;
import java.math.BigDecimal;
import java.util.Set;
import org.junit.jupiter.api.Test;

class FieldDescriptionsTests {

  @Test
  void aFieldHasItsTextAndTheRangeOfItsType() {
    Schema<?> members = described("members", "integer");
    assertThat(members.getDescription()).isEqualTo(ApiTexts.of("fields.members"));
    assertThat(members.getMinimum()).isEqualTo(BigDecimal.ZERO);
    assertThat(members.getMaximum()).isEqualTo(BigDecimal.valueOf((1L << 53) - 1));
    assertThat(described("room", "string").getPattern()).endsWith("{1,128}$");
  }

  @Test
  void aListMeansSomethingElseThanANumberOfItsName() {
    Schema<?> rooms = new JsonSchema();
    rooms.setTypes(Set.of("array"));
    rooms.setItems(new JsonSchema());
    FieldDescriptions.describe("rooms", rooms);
    assertThat(rooms.getDescription()).isEqualTo(ApiTexts.of("lists.rooms"));
    assertThat(rooms.getMaximum()).isNull();
  }

  @Test
  void whatHasNoTextStaysAsItIs() {
    Schema<?> unknown = described("unheardOf", "integer");
    assertThat(unknown.getDescription()).isNull();
    assertThat(unknown.getMaximum()).isNull();
  }

  @Test
  void aTextThatIsMissingIsAFault() {
    assertThatThrownBy(() -> ApiTexts.of("schemas.Problem.unheardOf"))
        .hasMessageContaining("schemas.Problem.unheardOf");
  }

  private static Schema<?> described(String name, String type) {
    Schema<?> schema = new JsonSchema();
    schema.setTypes(Set.of(type));
    FieldDescriptions.describe(name, schema);
    return schema;
  }
}
