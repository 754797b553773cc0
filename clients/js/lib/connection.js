import { Backoff } from './backoff.js';
import { Drain } from './drain.js';
import { ParleyError } from './errors.js';
import { Liveness } from './liveness.js';
import { Page } from './page.js';
import { Tokens, tokenFailure } from './token.js';
import { Transport } from './transport.js';
import { ofClose, ofHandshake } from './verdict.js';

/** A connection that lasted this long was a good one: the next failure is the first in a row again. */
const STABLE = 5_000;

/** Asks the server for its time, to know how long the token lasts. */
const CLOCK_REF = 'clock';

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
 * `close` was called. An *attempt* is everything from a token to the end of its socket. At most one is current; what
 * belongs to an earlier one (a late token, an event of its socket) is ignored.
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
  /** @type {AbortController | undefined} */
  #attempt;
  /** @type {Transport | undefined} */
  #transport;
  /** @type {Liveness | undefined} */
  #liveness;
  /** The watchdog of an attempt, the wait for the next one, or the hand-over that the server asked for. @type {unknown} */
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
      doubt: () => this.#liveness?.probe(),
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
    this.#transport?.send(raw ? frame : JSON.stringify(frame));
  }

  /** Whether the network keeps up with what was sent. */
  get writable() {
    return this.open && this.#transport?.writable === true;
  }

  /**
   * Calls back once the network has caught up, unless the connection is lost before.
   * @param {() => void} then
   */
  whenWritable(then) {
    this.#drain.wait(then);
  }

  #begin() {
    const attempt = new AbortController();
    this.#env.clearTimeout(this.#timer);
    this.#attempt = attempt;
    this.#notBefore = 0;
    this.#show({ state: 'connecting', attempt: this.#backoff.failures + 1 });
    this.#watch(attempt);
    void this.#run(attempt);
  }

  /** @param {AbortController} attempt */
  async #run(attempt) {
    const { signal } = attempt;
    let token;
    try {
      token = await this.#tokens.get(signal);
    } catch (cause) {
      const error = tokenFailure(cause);
      this.#finish(attempt, { then: error.retryable ? 'retry' : 'stop', error });
      return;
    }
    if (signal.aborted) return;
    const { WebSocket } = this.#env;
    try {
      if (!WebSocket) throw new TypeError('There is no WebSocket here: pass one as env.WebSocket');
      this.#transport = new Transport(WebSocket, this.#url, token, {
        frame: (frame) => this.#receive(attempt, frame),
        heard: () => this.#liveness?.heard(),
        ended: (end) => void this.#ended(attempt, token, end),
      });
    } catch (cause) {
      const error = new ParleyError('unsupported', 'The WebSocket cannot be created', { cause });
      this.#finish(attempt, { then: 'stop', error });
    }
  }

  /**
   * A handshake that never ends, a server that never says welcome, a token that never comes.
   * @param {AbortController} attempt
   */
  #watch(attempt) {
    this.#env.clearTimeout(this.#timer);
    this.#timer = this.#env.setTimeout(() => {
      const error = new ParleyError('connect_timeout', 'The server did not answer in time', { retryable: true });
      this.#finish(attempt, { then: 'retry', error });
    }, this.#connectTimeout);
  }

  /**
   * @param {AbortController} attempt
   * @param {string | null} token
   * @param {{opened: boolean, code: number, reason: string}} end
   */
  async #ended(attempt, token, { opened, code, reason }) {
    if (opened) {
      this.#finish(attempt, ofClose(code, reason));
      return;
    }
    this.#transport = undefined;
    this.#watch(attempt);
    const verdict = await ofHandshake(this.#env, this.#url, token, attempt.signal);
    this.#finish(attempt, verdict);
  }

  /**
   * @param {AbortController} attempt
   * @param {import('./codec.js').Frame} frame
   */
  #receive(attempt, frame) {
    switch (frame.type) {
      case 'welcome':
        this.#welcome(attempt, frame);
        return;
      case 'reconnect':
        this.#handOver(attempt, frame.afterMs);
        return;
      case 'status':
        this.#show({ ...this.#status, publishing: frame.publishing });
        break;
      case 'pong':
        if (frame.ref === CLOCK_REF) {
          this.#tokens.lasts(this.#tokenEnds - frame.timestamp);
          return;
        }
    }
    if (this.open) this.#events.frame(frame);
  }

  /** By the server's clock. */
  #tokenEnds = Infinity;

  /**
   * @param {AbortController} attempt
   * @param {import('./codec.js').Frame} frame
   */
  #welcome(attempt, frame) {
    this.#env.clearTimeout(this.#timer);
    this.#openedAt = this.#env.now();
    this.#backAt = undefined;
    this.#liveness = new Liveness(
      this.#env,
      frame.heartbeatMs,
      () => this.send({ type: 'ping' }),
      () => {
        const error = new ParleyError('silent', 'The server has fallen silent', { retryable: true });
        this.#finish(attempt, { then: 'retry', error });
      },
    );
    this.#status = Object.freeze({ state: 'open', attempt: 0, publishing: true });
    if (frame.expiresAt !== undefined && this.#tokens.renewable) {
      this.#tokenEnds = frame.expiresAt;
      this.send({ type: 'ping', ref: CLOCK_REF });
    }
    this.#events.opened(frame);
    this.#events.status(this.#status);
  }

  /**
   * The server drains. It gave everybody a time of their own, and keeps us until it has come.
   * @param {AbortController} attempt
   * @param {number} afterMs
   */
  #handOver(attempt, afterMs) {
    this.#backAt = this.#env.now() + afterMs;
    this.#env.clearTimeout(this.#timer);
    this.#timer = this.#env.setTimeout(() => this.#finish(attempt, ofClose(1012, '')), afterMs);
  }

  /**
   * @param {AbortController} attempt
   * @param {import('./verdict.js').Verdict} verdict
   */
  #finish(attempt, verdict) {
    if (attempt !== this.#attempt) return;
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
    this.#attempt?.abort();
    this.#transport?.abandon();
    this.#liveness?.stop();
    this.#attempt = this.#transport = this.#liveness = undefined;
    this.#env.clearTimeout(this.#timer);
    this.#drain.clear();
    if (!wasOpen) return;
    // Whoever is told already finds the connection gone.
    this.#status = Object.freeze({ state: 'waiting', attempt: 0, publishing: true });
    this.#events.lost(error);
  }

  /** The page is listened to only while a connection is wanted. */
  #wake() {
    if (this.open) this.#liveness?.probe();
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
