package dev.parley;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.opentest4j.AssertionFailedError;
import org.opentest4j.TestAbortedException;

class RequirementTests {

  @Test
  void whatIsMissingSkipsTheTest() {
    assertThatThrownBy(() -> Requirement.BROWSER.missing("no Chrome was found", "redis"))
        .isInstanceOf(TestAbortedException.class)
        .hasMessage("needs browser, but no Chrome was found");
  }

  @Test
  void whatIsMissingFailsTheTestWhereItIsDemanded() {
    assertThatThrownBy(() -> Requirement.BROWSER.missing("no Chrome was found", "redis, browser"))
        .isInstanceOf(AssertionFailedError.class)
        .hasMessage("browser is required, but no Chrome was found");
  }
}
