import { Attempt } from './attempt.js';
import { Backoff } from './backoff.js';
import { Drain } from './drain.js';
import { ParleyError } from './errors.js';
import { Page } from './page.js';
import { Tokens } from './token.js';

/** A connection that lasted this long was a good one: the next failure is the first in a row again. */
const STABLE = 5_000;

/**
 * @typedef {object} ConnectionEvents
 * @property {(welcome: import('./codec.js').Frame) => void} opened
 * @property {(frame: import('./codec.js').Frame) => void} frame
 * @property {(error: ParleyError) => void} lost the open connection is gone
 * @property {(error: ParleyError) => void} ended there will be no other by itself
 * @property {(error: ParleyError) => void} failed an attempt or a connection failed, and another follows
 * @property {(status: import('../parley.js').Status) => void} status
 * @property {() => boolean} needed whether anybody wants to be in a room
 */

/**
 * The one connection to the server: opened because somebody wants it, replaced when it is lost, and never revived once
 * `close` was called. At most one {@link Attempt} is current. What is between attempts is decided here: whether another
 * follows, and when.
 */
export class Connection {
  #env;
  #url;
  #events;
  #tokens;
  #backoff;
  #page;
  #connectTimeout;
  #wanted = false;
  /** @type {Attempt | undefined} */
  #attempt;
  /** The wait for the next attempt. @type {unknown} */
  #timer;
  #drain;
  #openedAt = 0;
  #notBefore = 0;
  #hidden = false;
  /** When the server wants us back. @type {number | undefined} */
  #backAt;
  /** @type {import('../parley.js').Status} */
  #status = Object.freeze({ state: 'idle', attempt: 0, publishing: true });

  /**
   * @param {string} url
   * @param {import('../parley.js').Options} options
   * @param {import('./env.js').Env} env
   * @param {ConnectionEvents} events
   */
  constructor(url, options, env, events) {
    this.#env = env;
    this.#url = url;
    this.#events = events;
    this.#tokens = new Tokens(options.token, env.now);
    this.#backoff = new Backoff(options.backoff, env.random);
    this.#connectTimeout = options.connectTimeout ?? 10_000;
    this.#drain = new Drain(env, () => this.writable);
    this.#page = new Page(env, {
      wake: () => this.#wake(),
      doubt: () => this.#attempt?.probe(),
      hide: () => this.#hide(),
    });
  }

  get status() {
    return this.#status;
  }

  /** Why there will be no connection by itself. @type {ParleyError | undefined} */
  ended;

  get open() {
    return this.#status.state === 'open';
  }

  connect() {
    const { state } = this.#status;
    if (state === 'failed' || state === 'closed') this.#backoff.reset();
    this.#wanted = true;
    this.ended = undefined;
    this.#page.start();
    if (state !== 'open' && state !== 'connecting' && this.#env.now() >= this.#notBefore) this.#begin();
  }

  /** A room is wanted: a connection that rests because it had none is opened again. */
  needed() {
    if (this.#wanted && this.#status.state === 'idle') this.#begin();
  }

  close() {
    this.#wanted = false;
    this.#notBefore = 0;
    this.#page.stop();
    const error = new ParleyError('closed', 'The client was closed');
    this.#drop(error);
    this.ended = error;
    this.#show({ state: 'closed', attempt: 0 });
    this.#events.ended(error);
  }

  /**
   * Sends a frame if the connection is open; otherwise it is dropped.
   * @param {object | string | Uint8Array} frame
   */
  send(frame) {
    if (!this.open) return;
    const raw = typeof frame === 'string' || frame instanceof Uint8Array;
    this.#attempt?.send(raw ? frame : JSON.stringify(frame));
  }

  /** Whether the network keeps up with what was sent. */
  get writable() {
    return this.open && this.#attempt?.writable === true;
  }

  /**
   * Calls back once the network has caught up, unless the connection is lost before.
   * @param {() => void} then
   */
  whenWritable(then) {
    this.#drain.wait(then);
  }

  #begin() {
    const attempt = new Attempt(this.#env, this.#url, this.#tokens, this.#connectTimeout, {
      opened: (welcome) => this.#opened(welcome),
      drained: (afterMs) => {
        this.#backAt = this.#env.now() + afterMs;
      },
      frame: (frame) => this.#receive(frame),
      ended: (verdict) => this.#finish(verdict),
    });
    this.#env.clearTimeout(this.#timer);
    this.#attempt = attempt;
    this.#notBefore = 0;
    this.#show({ state: 'connecting', attempt: this.#backoff.failures + 1 });
    void attempt.start();
  }

  /** @param {import('./codec.js').Frame} welcome */
  #opened(welcome) {
    this.#openedAt = this.#env.now();
    this.#backAt = undefined;
    this.#status = Object.freeze({ state: 'open', attempt: 0, publishing: true });
    this.#events.opened(welcome);
    this.#events.status(this.#status);
  }

  /** @param {import('./codec.js').Frame} frame */
  #receive(frame) {
    if (frame.type === 'status') this.#show({ ...this.#status, publishing: frame.publishing });
    if (this.open) this.#events.frame(frame);
  }

  /** @param {import('./verdict.js').Verdict} verdict */
  #finish(verdict) {
    const { error } = verdict;
    const stable = this.open && this.#env.now() - this.#openedAt >= STABLE;
    if (stable) this.#backoff.reset();
    // A token that has served is renewed at once; one that is refused straight away is not.
    const renew = verdict.token !== undefined && this.#tokens.renewable && (stable || !this.#tokens.fresh);
    if (verdict.token) this.#tokens.invalidate(verdict.token);
    const final = verdict.then === 'stop' || (verdict.token && !this.#tokens.renewable && this.#env.fetch);
    this.#drop(error);
    if (!this.#wanted) return;
    if (final || this.#backoff.exhausted) this.#fail(error);
    else if (verdict.then === 'rest' && !this.#events.needed()) this.#show({ state: 'idle', attempt: 0, code: error.code });
    else this.#retry(verdict, renew);
  }

  /**
   * @param {import('./verdict.js').Verdict} verdict
   * @param {boolean} renew
   */
  #retry({ error, slow, afterMs }, renew) {
    const now = this.#env.now();
    let delay = this.#backoff.next(slow);
    if (this.#backAt !== undefined) delay = Math.max(0, this.#backAt - now);
    else if (renew && this.#backoff.failures === 1) delay = 0;
    else if (afterMs !== undefined) {
      // Everybody was told the same time.
      delay += afterMs;
      this.#notBefore = now + afterMs;
    }
    if (this.#backAt !== undefined) this.#notBefore = this.#backAt;
    this.#backAt = undefined;
    this.#timer = this.#env.setTimeout(() => this.#begin(), delay);
    const { failures } = this.#backoff;
    this.#show({ state: 'waiting', attempt: failures, nextAttemptAt: now + delay, code: error.code });
    this.#events.failed(error);
  }

  /** @param {ParleyError} error */
  #fail(error) {
    this.#wanted = false;
    this.#page.stop();
    this.ended = error;
    this.#show({ state: 'failed', attempt: this.#backoff.failures, code: error.code });
    this.#events.ended(error);
  }

  /**
   * Ends whatever is current, so that nothing of it is left when the next attempt begins.
   * @param {ParleyError} error
   */
  #drop(error) {
    const wasOpen = this.open;
    this.#attempt?.abandon();
    this.#attempt = undefined;
    this.#env.clearTimeout(this.#timer);
    this.#drain.clear();
    if (!wasOpen) return;
    // Whoever is told already finds the connection gone.
    this.#status = Object.freeze({ state: 'waiting', attempt: 0, publishing: true });
    this.#events.lost(error);
  }

  /** The page is listened to only while a connection is wanted. */
  #wake() {
    if (this.open) this.#attempt?.probe();
    else if (this.#status.state === 'waiting') {
      const wait = this.#notBefore - this.#env.now();
      if (wait <= 0) this.#begin();
      else if (this.#hidden) this.#timer = this.#env.setTimeout(() => this.#begin(), wait);
    }
    this.#hidden = false;
  }

  #hide() {
    if (this.#status.state === 'idle') return;
    this.#hidden = true;
    this.#drop(new ParleyError('hidden', 'The page went away', { retryable: true }));
    this.#show({ state: 'waiting', attempt: 0, code: 'hidden' });
  }

  /** @param {Omit<import('../parley.js').Status, 'publishing'> & {publishing?: boolean}} status */
  #show(status) {
    this.#status = Object.freeze({ publishing: true, ...status });
    this.#events.status(this.#status);
  }
}
