package dev.parley.broker;

/** The broker did not answer in time. */
public final class UnavailableException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public UnavailableException() {
    super("The broker does not answer", null, false, false);
  }
}
