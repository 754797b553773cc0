package dev.parley.broker;

/** What became of the wish to remove a message's content. */
public enum Deletion implements Outcome<Deletion> {
  /** It is gone, and every subscriber is told. */
  DELETED,

  /** There is no such message: it never was, is no longer kept, or was deleted before. */
  ABSENT
}
