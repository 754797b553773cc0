import { sizeOf } from './codec.js';
import { ParleyError } from './errors.js';

/** The server knows an id for five minutes. Half a minute is left for the way there and for clocks. */
const DEDUP_WINDOW = 270_000;

/**
 * A message of an outbox.
 * @typedef {object} Item
 * @property {string} id
 * @property {unknown} content
 * @property {string | Uint8Array} frame
 * @property {import('../parley.js').OutgoingState} state
 * @property {{resolve: (receipt: import('../parley.js').Receipt) => void, reject: (error: unknown) => void}} answer
 * @property {Sent} [sent] of the first time
 * @property {AbortSignal} [signal]
 * @property {unknown} [ttl] timer
 * @property {number} [deadline]
 */

/**
 * @typedef {{at: number, wallAt: number, user: string, followed: boolean, losses: number}} Sent
 * what the world was like when a message left for the first time
 */

/**
 * @typedef {{state: 'failed' | 'uncertain', error: ParleyError}} Failure
 * `uncertain`: the message may be in the room
 */

/**
 * What is there now, for a message that leaves for the first time.
 * @param {import('./outbox.js').Outlet} outlet
 * @returns {Sent}
 */
export function sentNow({ env, session, live, losses }) {
  return { at: env.now(), wallAt: env.wallClock(), user: session().user, followed: live(), losses: losses() };
}

/**
 * Why the message must not be sent any more, if there is a reason.
 * @param {Item} item
 * @param {import('./outbox.js').Outlet} outlet
 * @returns {Failure | undefined}
 */
export function failure(item, outlet) {
  if (item.deadline !== undefined && outlet.env.now() >= item.deadline) return overdue(item);
  if (item.sent && !maySendAgain(item.sent, outlet)) {
    return { state: 'uncertain', error: new ParleyError('uncertain', 'Nobody knows whether the message is in the room') };
  }
  if (sizeOf(item.frame) > outlet.session().messageBytes) {
    // The server would end the connection.
    return { state: 'failed', error: new ParleyError('too_large', 'The message is larger than the server takes') };
  }
  return undefined;
}

/**
 * @param {Item} item
 * @returns {Failure}
 */
export function overdue({ sent }) {
  const error = new ParleyError(sent ? 'uncertain' : 'expired', 'The message was not acknowledged in time');
  return { state: sent ? 'uncertain' : 'failed', error };
}

/**
 * Nothing will be sent any more.
 * @param {Item} item
 * @param {ParleyError} error
 * @returns {Failure}
 */
export function abandoned({ sent }, error) {
  if (!sent) return { state: 'failed', error };
  return { state: 'uncertain', error: new ParleyError('uncertain', `${error.message}; the message may be in the room`) };
}

/**
 * @param {Sent} sent
 * @param {import('./outbox.js').Outlet} outlet
 */
function maySendAgain(sent, { env, session, live, losses }) {
  // A machine that sleeps may stop the one clock, and somebody may set the other.
  const age = Math.max(env.now() - sent.at, Math.abs(env.wallClock() - sent.wallAt));
  if (sent.user === session().user && age < DEDUP_WINDOW) return true;
  return sent.followed && live() && sent.losses === losses();
}

/** @param {Item} item */
export function isOver({ state }) {
  return state === 'failed' || state === 'uncertain';
}

/** Random, since tabs that count collide. `randomUUID` exists in secure contexts only. */
export function newId() {
  return crypto.randomUUID?.() ?? Array.from(crypto.getRandomValues(new Uint32Array(4)), (n) => n.toString(36)).join('');
}
