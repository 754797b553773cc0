package dev.parley.broker;

/** What became of the wish to remove a message's content. */
public enum Deletion {
  /** It is gone, and every subscriber is told. */
  DELETED,

  /** There is no such message: it never was, is no longer kept, or was deleted before. */
  ABSENT,

  /** The broker did not answer in time: it may or may not be gone. */
  UNAVAILABLE
}
