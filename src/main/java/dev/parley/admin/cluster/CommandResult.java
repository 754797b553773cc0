package dev.parley.admin.cluster;

import dev.parley.admin.cluster.Results.Done;
import java.util.List;

/**
 * Who did what an operator wanted.
 *
 * @param silent instances that did not answer in time; whether they did it is unknown
 */
public record CommandResult(List<Change> instances, List<String> silent) {

  /**
   * @param connections of that instance that it befell
   */
  public record Change(String instance, int connections) {}

  public static CommandResult of(SurveyResult<Done> answers) {
    return new CommandResult(
        answers.given().entrySet().stream()
            .map(each -> new Change(each.getKey().value(), each.getValue().connections()))
            .toList(),
        answers.silentNames());
  }

  public int connections() {
    return instances.stream().mapToInt(Change::connections).sum();
  }
}
