package dev.parley.support;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.opentest4j.AssertionFailedError;
import org.opentest4j.TestAbortedException;

class RequirementTests {

  @Test
  void whatIsMissingSkipsTheTest() {
    assertThatThrownBy(() -> Requirement.BROWSER.missing("this test only pretends", "redis"))
        .isInstanceOf(TestAbortedException.class)
        .hasMessage("needs browser, but this test only pretends");
  }

  @Test
  void whatIsMissingFailsTheTestWhereItIsDemanded() {
    assertThatThrownBy(
            () -> Requirement.BROWSER.missing("this test only pretends", "redis, browser"))
        .isInstanceOf(AssertionFailedError.class)
        .hasMessage("browser is required, but this test only pretends");
  }
}
