package dev.parley.admin.openapi;

import dev.parley.admin.Paging;
import dev.parley.admin.cluster.ConnectionName;
import dev.parley.admin.cluster.InstanceName;
import dev.parley.protocol.RoomName;
import dev.parley.protocol.UserId;
import io.swagger.v3.oas.models.media.Schema;
import java.math.BigDecimal;
import java.util.Map;
import java.util.Set;

/**
 * What the names in requests and answers mean, with units and ranges: one meaning for a name
 * wherever it stands, as parameter or as field. The texts are in {@code texts.yml}.
 */
final class FieldDescriptions {
  private static final long MAX_SAFE = (1L << 53) - 1;
  private static final String NAME = "[A-Za-z0-9._:~@|+=-]";
  private static final String CURSOR = "^[A-Za-z0-9_-]{1,512}$";

  private static final Map<String, String> PATTERNS =
      Map.of(
          "room",
          "^" + NAME + "{1," + RoomName.MAX_LENGTH + "}$",
          "user",
          "^" + NAME + "{1," + UserId.MAX_LENGTH + "}$",
          "instance",
          "^" + InstanceName.PATTERN + "$",
          "connection",
          "^" + ConnectionName.PATTERN + "$",
          "cursor",
          CURSOR,
          "next",
          CURSOR,
          "Idempotency-Key",
          "^[!-~]{1,64}$",
          "state",
          "^(up|draining|drained)$");

  /** Parameters that are numbers; fields that are have said so themselves. */
  private static final Set<String> NUMBERS = Set.of("before", "after", "offset");

  private FieldDescriptions() {}

  /** Gives the schema of what is called so its meaning; leaves it as it is if it has none. */
  static void describe(String name, Schema<?> schema) {
    boolean list = schema.getItems() != null;
    String text = ApiTexts.find((list ? "lists." : "fields.") + name);
    if (text == null) {
      // Named well enough, or described where it is declared.
      return;
    }
    schema.setDescription(text);
    if (list) {
      return;
    }
    String pattern = PATTERNS.get(name);
    if (pattern != null) {
      schema.setPattern(pattern);
    } else if (name.equals("limit")) {
      number(schema, 1, Paging.MAX_LIMIT);
      schema.setDefault(Paging.DEFAULT_LIMIT);
    } else if (NUMBERS.contains(name) || isInteger(schema)) {
      number(schema, 0, MAX_SAFE);
    }
  }

  private static boolean isInteger(Schema<?> schema) {
    Set<String> types = schema.getTypes();
    return types != null && types.contains("integer");
  }

  private static void number(Schema<?> schema, long min, long max) {
    schema.setTypes(Set.of("integer"));
    schema.setFormat("int64");
    schema.setMinimum(BigDecimal.valueOf(min));
    schema.setMaximum(BigDecimal.valueOf(max));
  }
}
