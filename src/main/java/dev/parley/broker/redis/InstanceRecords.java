package dev.parley.broker.redis;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;

/**
 * What the instances keep in Redis about each other: who beats, who is dead and who sweeps up after
 * them, and which rooms each of them has users in. Answers come on any thread. One that fails says
 * nothing about whether the step was done; every step may be repeated.
 */
interface InstanceRecords {

  /**
   * What is known of all instances.
   *
   * @param dead by dead incarnation, the one that claimed it; empty where nobody has
   */
  record Peers(Map<Incarnation, Long> beats, Map<Incarnation, String> dead) {}

  /**
   * Increments a beat.
   *
   * @param first the incarnation is new; otherwise it must be known
   * @return false if it was declared dead, or Redis has lost it
   */
  CompletionStage<Boolean> beat(Incarnation own, boolean first);

  CompletionStage<Peers> peers();

  /**
   * Declares an incarnation dead if its beat is still this one.
   *
   * @return whether the claimant is its reaper
   */
  CompletionStage<Boolean> bury(Incarnation claimant, Incarnation silent, long beat);

  /**
   * Becomes the reaper of an incarnation that was declared dead, if it has none that is alive.
   *
   * @return whether the claimant is its reaper
   */
  CompletionStage<Boolean> takeOver(Incarnation claimant, Incarnation dead);

  /** The incarnation is given up by its own instance; somebody has to sweep its rooms. */
  CompletionStage<?> retire(Incarnation own);

  /** The incarnation is given up by its own instance, which has nobody in any room. */
  CompletionStage<?> leave(Incarnation own);

  /** Some of the rooms that the incarnation has users in; empty if there are none. */
  CompletionStage<List<String>> rooms(Incarnation dead, int limit);

  /** Takes all users of the incarnation out of a room, in steps that do not hold Redis up. */
  CompletionStage<?> sweep(Incarnation dead, String room);

  /** The incarnation has nobody in these rooms any more. */
  CompletionStage<?> forget(Incarnation dead, List<String> rooms);

  /** The incarnation has nobody in any room any more. */
  CompletionStage<?> swept(Incarnation dead);
}
