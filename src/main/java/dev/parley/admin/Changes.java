package dev.parley.admin;

import dev.parley.admin.Results.Done;
import java.util.List;

/**
 * Who did what an operator wanted.
 *
 * @param silent instances that did not answer in time; whether they did it is unknown
 */
record Changes(List<Change> instances, List<String> silent) {

  /**
   * @param connections of that instance that it befell
   */
  record Change(String instance, int connections) {}

  static Changes of(Answers<Done> answers) {
    return new Changes(
        answers.given().entrySet().stream()
            .map(each -> new Change(each.getKey().value(), each.getValue().connections()))
            .toList(),
        answers.silentNames());
  }

  int connections() {
    return instances.stream().mapToInt(Change::connections).sum();
  }
}
