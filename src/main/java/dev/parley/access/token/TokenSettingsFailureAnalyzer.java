package dev.parley.access.token;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Says it in one sentence instead of a stack trace. */
final class TokenSettingsFailureAnalyzer extends AbstractFailureAnalyzer<TokenSettingsException> {

  @Override
  protected FailureAnalysis analyze(Throwable rootFailure, TokenSettingsException cause) {
    return new FailureAnalysis(String.valueOf(cause.getMessage()), null, cause);
  }
}
