import { ParleyError, Unauthorized } from './errors.js';

/** A token with less than this left is replaced before it is used again. */
const MARGIN = 30_000;

/**
 * The token and where it comes from. What a function gave is kept until it expires or is rejected. The time that is
 * left is the server's, counted on the monotonic clock, so this machine's clock may be wrong.
 */
export class Tokens {
  #source;
  #now;
  /** @type {string | null | undefined} */
  #token;
  #expiresAt = Infinity;
  /** @type {'first' | 'expiring' | 'rejected'} */
  #why = 'first';
  /** Whether the newest `get` asked the function. */
  fresh = false;

  /**
   * @param {import('../parley.js').Options['token']} source
   * @param {() => number} now
   */
  constructor(source, now) {
    this.#source = source;
    this.#now = now;
  }

  /** Whether another token may be had. */
  get renewable() {
    return typeof this.#source === 'function';
  }

  /**
   * @param {AbortSignal} signal
   * @returns {Promise<string | null>}
   */
  async get(signal) {
    this.fresh = false;
    if (typeof this.#source !== 'function') return this.#source ?? null;
    if (this.#now() > this.#expiresAt - MARGIN) this.invalidate('expiring');
    if (this.#token !== undefined) return this.#token;
    const token = await this.#source({ why: this.#why, signal });
    if (signal.aborted) return null;
    if (token !== null && (typeof token !== 'string' || token === '')) {
      throw new ParleyError('token_failed', 'The token function must give a string, or null for a guest');
    }
    this.#token = token;
    this.#expiresAt = Infinity;
    this.fresh = true;
    return token;
  }

  /** @param {number} ms how long the server says that the token is still valid */
  lasts(ms) {
    this.#expiresAt = this.#now() + ms;
  }

  /** @param {'expiring' | 'rejected'} why */
  invalidate(why) {
    this.#token = undefined;
    this.#expiresAt = Infinity;
    this.#why = why;
  }
}

/** @param {unknown} error what a token function threw */
export function tokenFailure(error) {
  if (error instanceof Unauthorized) return error;
  if (error instanceof ParleyError) return error;
  return new ParleyError('token_failed', 'The token function failed', { retryable: true, cause: error });
}
