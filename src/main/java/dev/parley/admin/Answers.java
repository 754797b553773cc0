package dev.parley.admin;

import java.util.List;
import java.util.SortedMap;

/**
 * What a question to the instances brought.
 *
 * @param given by those that answered in time
 * @param silent those that did not, or could not do it, by name
 */
record Answers<R>(SortedMap<InstanceName, R> given, List<InstanceName> silent) {

  /** What the only one who was asked says; refuses where that is silent. */
  R only(InstanceName instance) {
    R result = given.get(instance);
    if (result == null) {
      throw Refusals.silent(instance);
    }
    return result;
  }

  List<String> silentNames() {
    return silent.stream().map(InstanceName::value).toList();
  }
}
