package dev.parley.admin.cluster;

import java.util.List;
import java.util.SortedMap;

/**
 * What a survey to the instances brought.
 *
 * @param given by those that answered in time
 * @param silent those that did not, or could not do it, by name
 */
public record SurveyResult<R>(SortedMap<InstanceName, R> given, List<InstanceName> silent) {

  /** What the only one who was asked says; refuses if that is silent. */
  public R only(InstanceName instance) {
    R result = given.get(instance);
    if (result == null) {
      throw Refusals.silent(instance);
    }
    return result;
  }

  public List<String> silentNames() {
    return silent.stream().map(InstanceName::value).toList();
  }
}
