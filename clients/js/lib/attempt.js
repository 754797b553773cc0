import { ParleyError } from './errors.js';
import { Liveness } from './liveness.js';
import { tokenFailure } from './token.js';
import { Transport } from './transport.js';
import { ofClose, ofHandshake } from './verdict.js';

/** Asks the server for its time, to know how long the token lasts. */
const CLOCK_REF = 'clock';

/**
 * @typedef {object} AttemptEvents
 * @property {(welcome: import('./codec.js').Frame) => void} opened
 * @property {(afterMs: number) => void} drained the server will end the connection, and wants us back then
 * @property {(frame: import('./codec.js').Frame) => void} frame any other
 * @property {(verdict: import('./verdict.js').Verdict) => void} ended it is over, and has to be abandoned
 */

/**
 * One attempt to be connected: everything from a token to the end of its socket. It tells nothing more once it is
 * abandoned; what comes late (a token, an event of its socket) is ignored.
 */
export class Attempt {
  #env;
  #url;
  #tokens;
  #timeout;
  #events;
  #abort = new AbortController();
  /** @type {Transport | undefined} */
  #transport;
  /** @type {Liveness | undefined} */
  #liveness;
  /** The watchdog until the welcome, then the hand-over that the server asked for. @type {unknown} */
  #timer;
  /** By the server's clock. */
  #tokenEnds = Infinity;

  /**
   * @param {import('./env.js').Env} env
   * @param {string} url
   * @param {import('./token.js').Tokens} tokens
   * @param {number} timeout
   * @param {AttemptEvents} events
   */
  constructor(env, url, tokens, timeout, events) {
    this.#env = env;
    this.#url = url;
    this.#tokens = tokens;
    this.#timeout = timeout;
    this.#events = events;
  }

  async start() {
    const { signal } = this.#abort;
    this.#watch();
    let token;
    try {
      token = await this.#tokens.get(signal);
    } catch (cause) {
      const error = tokenFailure(cause);
      this.#end({ then: error.retryable ? 'retry' : 'stop', error });
      return;
    }
    if (signal.aborted) return;
    const { WebSocket } = this.#env;
    try {
      if (!WebSocket) throw new TypeError('There is no WebSocket here: pass one as env.WebSocket');
      this.#transport = new Transport(WebSocket, this.#url, token, {
        frame: (frame) => this.#receive(frame),
        heard: () => this.#liveness?.heard(),
        ended: (end) => void this.#ended(token, end),
      });
    } catch (cause) {
      this.#end({ then: 'stop', error: new ParleyError('unsupported', 'The WebSocket cannot be created', { cause }) });
    }
  }

  /** @param {string | Uint8Array} frame */
  send(frame) {
    this.#transport?.send(frame);
  }

  /** Whether the network keeps up with what was sent. */
  get writable() {
    return this.#transport?.writable === true;
  }

  /** Asks the server for a sign of life. */
  probe() {
    this.#liveness?.probe();
  }

  /** Ends whatever is under way, so that nothing of it is left when the next attempt begins. */
  abandon() {
    this.#abort.abort();
    this.#transport?.abandon();
    this.#liveness?.stop();
    this.#env.clearTimeout(this.#timer);
  }

  /** A handshake that never ends, a server that never says welcome, a token that never comes. */
  #watch() {
    this.#after(this.#timeout, () => {
      const error = new ParleyError('connect_timeout', 'The server did not answer in time', { retryable: true });
      this.#end({ then: 'retry', error });
    });
  }

  /**
   * @param {string | null} token
   * @param {{opened: boolean, code: number, reason: string}} end
   */
  async #ended(token, { opened, code, reason }) {
    if (opened) {
      this.#end(ofClose(code, reason));
      return;
    }
    this.#transport = undefined;
    this.#watch();
    this.#end(await ofHandshake(this.#env, this.#url, token, this.#abort.signal));
  }

  /** @param {import('./codec.js').Frame} frame */
  #receive(frame) {
    if (frame.type === 'welcome') {
      this.#welcome(frame);
    } else if (frame.type === 'reconnect') {
      // The server drains. It gave everybody a time of their own, and keeps us until it has come.
      this.#after(frame.afterMs, () => this.#end(ofClose(1012, '')));
      this.#events.drained(frame.afterMs);
    } else if (frame.type === 'pong' && frame.ref === CLOCK_REF) {
      this.#tokens.lasts(this.#tokenEnds - frame.timestamp);
    } else {
      this.#events.frame(frame);
    }
  }

  /** @param {import('./codec.js').Frame} frame */
  #welcome(frame) {
    this.#env.clearTimeout(this.#timer);
    this.#liveness = new Liveness(
      this.#env,
      frame.heartbeatMs,
      () => this.#ping(),
      () => this.#end({ then: 'retry', error: new ParleyError('silent', 'The server has fallen silent', { retryable: true }) }),
    );
    if (frame.expiresAt !== undefined && this.#tokens.renewable) {
      this.#tokenEnds = frame.expiresAt;
      this.#ping(CLOCK_REF);
    }
    this.#events.opened(frame);
  }

  /** @param {string} [ref] */
  #ping(ref) {
    this.send(JSON.stringify({ type: 'ping', ref }));
  }

  /** @param {import('./verdict.js').Verdict} verdict */
  #end(verdict) {
    if (!this.#abort.signal.aborted) this.#events.ended(verdict);
  }

  /**
   * @param {number} ms
   * @param {() => void} then
   */
  #after(ms, then) {
    this.#env.clearTimeout(this.#timer);
    this.#timer = this.#env.setTimeout(then, ms);
  }
}
