package dev.parley.admin;

import dev.parley.http.QueryParameters;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The query of a list: how many, from where, and what the list itself takes besides. */
public record Paging(QueryParameters query, int limit, @Nullable String cursor) {
  public static final int MAX_LIMIT = 1_000;
  public static final int DEFAULT_LIMIT = 100;

  static Paging of(HttpServletRequest request, String... more) {
    Set<String> known =
        Stream.concat(Stream.of("limit", "cursor"), Arrays.stream(more))
            .collect(Collectors.toUnmodifiableSet());
    QueryParameters query = QueryParameters.of(request, known);
    Long limit = query.number("limit", 1, MAX_LIMIT);
    return new Paging(
        query, limit == null ? DEFAULT_LIMIT : limit.intValue(), query.text("cursor"));
  }
}
