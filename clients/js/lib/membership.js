import { Backoff } from './backoff.js';
import { ParleyError, errorOf } from './errors.js';

/**
 * `out`: not in the room on this connection. `waiting`: after a refusal, until it is tried again. `refused`: for good,
 * on this connection. `loading`: the application loads its state. `joining`, `leaving`: asked, not answered.
 * @typedef {'out' | 'waiting' | 'refused' | 'loading' | 'joining' | 'in' | 'leaving'} Phase
 */

/**
 * @typedef {object} MembershipEvents
 * @property {() => void} due a join is to be sent
 * @property {(position: import('../parley.js').Position) => void} loaded
 * @property {(joined: import('./codec.js').Frame) => void} entered
 * @property {() => void} away nothing of the room arrives any more
 * @property {() => void} left we are out of the room, and nobody wants to be in it
 * @property {(error: ParleyError) => void} refused
 */

/**
 * Whether we are in a room. What is wanted and what the server was told are kept apart: there is at most one `join` or
 * `leave` under way, and its answer decides what comes next.
 */
export class Membership {
  #room;
  #host;
  #options;
  #events;
  /** How many have joined and not left. */
  #joins = 0;
  /** @type {Phase} */
  #phase = 'out';
  /** Whether the server has us in the room. */
  #member = false;
  /** Why the server keeps us out. @type {ParleyError | undefined} */
  #refusal;
  /** The join or leave that is to be answered. @type {string | undefined} */
  #ref;
  /** @type {unknown} */
  #timer;
  #backoff;
  /** Why the application has to load its state before a join. @type {'first' | 'gap' | undefined} */
  #load;
  /** Tells a load whose result is of use from earlier ones. */
  #loads = 0;

  /**
   * @param {string} room
   * @param {import('../parley.js').RoomOptions} options
   * @param {import('./room.js').Host} host
   * @param {MembershipEvents} events
   */
  constructor(room, options, host, events) {
    this.#room = room;
    this.#options = options;
    this.#host = host;
    this.#events = events;
    this.#backoff = new Backoff({}, host.env.random);
    this.#load = options.load && !options.since ? 'first' : undefined;
  }

  /** Whether somebody wants to be in the room. */
  get wanted() {
    return this.#joins > 0;
  }

  /** Whether frames of the room count. */
  get inside() {
    return this.#phase === 'in';
  }

  /** Whether the room has nothing to do with us, and nothing is under way. */
  get outside() {
    return !this.wanted && this.#phase === 'out';
  }

  /** Why nothing can be sent to the room. */
  get refusal() {
    return this.#phase === 'refused' ? this.#refusal : undefined;
  }

  /** @param {AbortSignal} [signal] */
  join(signal) {
    if (signal?.aborted) return () => {};
    let left = false;
    const leave = () => {
      if (left) return;
      left = true;
      signal?.removeEventListener('abort', leave);
      // Later, so that whoever leaves and joins in one breath (StrictMode does) stays.
      this.#host.env.setTimeout(() => {
        this.#joins--;
        this.sync();
      }, this.#options.leaveGraceMs ?? 0);
    };
    signal?.addEventListener('abort', leave, { once: true });
    this.#joins++;
    if (this.#phase === 'refused') this.#phase = 'out';
    this.#host.connection.needed();
    this.sync();
    return leave;
  }

  /** Brings the server to what is wanted, one step at a time. */
  sync() {
    if (!this.#host.connection.open) return;
    if (this.wanted) {
      if (this.#phase === 'out' && this.#load) void this.#reload(this.#load);
      else if (this.#phase === 'out') this.#events.due();
    } else if (this.#phase !== 'joining' && this.#phase !== 'leaving') {
      this.#away(this.#member ? 'leaving' : 'out');
      if (!this.#member) {
        this.#events.left();
        return;
      }
      this.#ref = this.#host.ref();
      this.#host.connection.send({ type: 'leave', ref: this.#ref, room: this.#room });
    }
  }

  /**
   * The join of the room is about to be sent.
   * @param {string} ref
   * @returns {boolean} false if it is not due any more
   */
  joining(ref) {
    if (!this.wanted || this.#phase !== 'out') return false;
    this.#phase = 'joining';
    this.#ref = ref;
    return true;
  }

  /** @param {string | undefined} ref */
  awaits(ref) {
    return ref !== undefined && ref === this.#ref;
  }

  /** The connection is gone. */
  lost() {
    this.#away('out');
    this.#member = false;
  }

  /** Messages were missed, so the application loads its state again, if it does. */
  missed() {
    if (!this.#options.load) return;
    this.#load = 'gap';
    this.#away('out');
    this.sync();
  }

  /** @param {import('./codec.js').Frame} frame */
  joined(frame) {
    if (frame.ref === undefined) {
      // An operator put us here: a join of ours, which has its position, puts everything in order.
      if (this.#phase === 'refused') this.#phase = 'out';
      if (this.wanted) this.sync();
    } else if (this.#phase === 'joining' && this.awaits(frame.ref)) {
      this.#member = true;
      this.#phase = 'in';
      this.#ref = undefined;
      this.#backoff.reset();
      this.#events.entered(frame);
      this.sync();
    }
  }

  /** @param {import('./codec.js').Frame} frame */
  left({ ref, reason }) {
    if (this.awaits(ref)) {
      this.#member = false;
      this.#away('out');
      this.#events.left();
      this.sync();
    } else if (reason !== undefined && this.#phase !== 'joining') {
      this.#member = false;
      // The broker may have failed the room, so we come back; an operator keeps us out by the policies.
      const closed = reason === 'closed';
      this.#refused(new ParleyError(reason, `The server ended the membership (${reason})`, { retryable: closed }), true);
    }
  }

  /**
   * @param {import('./codec.js').Frame} frame
   * @returns {boolean} whether it answers a join or leave
   */
  failed(frame) {
    if (!this.awaits(frame.ref)) return false;
    const error = errorOf(frame);
    if (this.#phase === 'joining') {
      this.#refused(error, false);
    } else if (error.code === 'not_joined') {
      this.left(frame);
    } else {
      this.#again(error, () => {
        this.#phase = 'in';
        this.sync();
      });
    }
    return true;
  }

  /**
   * @param {ParleyError} error
   * @param {boolean} slow
   */
  #refused(error, slow) {
    // A rejoin that the broker fails is told twice, by an error and by `left`.
    if (this.#phase === 'waiting' || this.#phase === 'loading') return;
    this.#away(this.wanted ? (error.retryable ? 'waiting' : 'refused') : 'out');
    if (!this.wanted) {
      this.#events.left();
      return;
    }
    if (error.retryable) this.#again(error, () => this.#retry(), slow);
    else this.#refusal = error;
    this.#events.refused(error);
  }

  #retry() {
    this.#phase = 'out';
    this.sync();
  }

  /**
   * @param {ParleyError} error
   * @param {() => void} then
   * @param {boolean} [slow]
   */
  #again(error, then, slow) {
    const delay = this.#backoff.next(slow);
    this.#host.env.clearTimeout(this.#timer);
    this.#timer = this.#host.env.setTimeout(then, error.retryAfterMs ?? delay);
  }

  /** @param {Phase} phase */
  #away(phase) {
    this.#host.env.clearTimeout(this.#timer);
    this.#phase = phase;
    this.#ref = undefined;
    this.#loads++;
    this.#events.away();
  }

  /** @param {'first' | 'gap'} why */
  async #reload(why) {
    this.#away('loading');
    const load = this.#loads;
    try {
      const position = await this.#options.load?.(why);
      if (load !== this.#loads) return;
      if (position) this.#events.loaded(position);
      this.#load = undefined;
      this.#retry();
    } catch (cause) {
      if (load !== this.#loads) return;
      const error = new ParleyError('load_failed', 'The state of the room cannot be loaded', { retryable: true, cause });
      this.#again(error, () => this.#retry());
      this.#host.failed(error);
    }
  }
}
