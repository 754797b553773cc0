package dev.parley.budget;

import java.util.Locale;

/** What an instance holds memory for; docs/OPERATIONS.md adds the budgets up. */
public enum BudgetKind {
  /** Open connections: their own state, whatever they do. */
  CONNECTIONS,

  /** Rooms that are open on the instance, and who is in them. */
  ROOMS,

  /**
   * What clients sent and nobody can take yet: unfinished messages, frames that wait their turn.
   */
  INBOUND,

  /** Frames that wait for slow readers, and the buffers of their outstanding writes. */
  OUTBOUND,

  /** Pages of logs that are kept or being read for those who catch up or read the history. */
  REPLAY,

  /** Logs, message ids and rooms of the embedded broker. */
  LOG,

  /** What Redis delivered and no lane has taken yet, and what waits for a hole to be filled. */
  BUS,

  /** Messages that Redis has not answered for. */
  PUBLISH,

  /** Bodies and answers of requests over HTTP that are in progress. */
  REST;

  /** As a tag of metrics, and as the setting's name: {@code inbound}. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
