import { encodeBinary } from './codec.js';
import { Backoff } from './backoff.js';
import { Cursor, messageOf } from './cursor.js';
import { Emitter } from './emitter.js';
import { ParleyError, errorOf } from './errors.js';
import { iterate } from './iterate.js';
import { Outbox } from './outbox.js';
import { Typing } from './typing.js';

/**
 * `out`: not in the room on this connection. `waiting`: after a refusal, until it is tried again. `refused`: for good,
 * on this connection. `loading`: the application reloads its state. `joining`, `leaving`: asked, not answered.
 * @typedef {'out' | 'waiting' | 'refused' | 'loading' | 'joining' | 'in' | 'leaving'} Phase
 */

/**
 * What a room asks of its client.
 * @typedef {object} Host
 * @property {import('./env.js').Env} env
 * @property {number} ackTimeout
 * @property {import('./connection.js').Connection} connection
 * @property {() => {user: string, messageBytes: number}} session
 * @property {(room: Room) => void} join sends the join together with those of other rooms
 * @property {() => string} ref
 * @property {(frame: import('./codec.js').Frame, signal?: AbortSignal) => Promise<import('./codec.js').Frame>} ask
 * @property {(error: ParleyError) => void} failed
 */

/**
 * A room, whether it was joined or not. What is wanted and what the server was told are kept apart: there is at most one
 * `join` or `leave` under way, and its answer decides what comes next.
 *
 * @extends {Emitter<import('../parley.js').RoomEvents<any> & {ended: ParleyError}>}
 */
export class Room extends Emitter {
  /** @readonly */
  name;
  #host;
  #options;
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
  #loads = 0;
  #members = 0;
  #cursor;
  #outbox;
  #typing;

  /**
   * @param {string} name
   * @param {import('../parley.js').RoomOptions} options
   * @param {Host} host
   */
  constructor(name, options, host) {
    super();
    this.name = name;
    this.#options = options;
    this.#host = host;
    this.#backoff = new Backoff({}, host.env.random);
    this.#load = options.load && !options.since ? 'first' : undefined;
    this.#cursor = new Cursor(options.since, options.batchSize ?? 100, host.env.now, {
      messages: (messages) => this.#deliver(messages),
      gap: (gap) => this.#gap(gap),
      deleted: (deleted) => this.emit('deleted', deleted),
      caughtUp: () => this.#outbox.flush(),
    });
    this.#typing = new Typing(host.env.now, (typists) => this.emit('typing', typists));
    this.#outbox = new Outbox({
      name,
      env: host.env,
      ackTimeout: host.ackTimeout,
      connection: host.connection,
      session: host.session,
      ready: () => host.connection.open && host.connection.status.publishing && this.#settled,
      live: () => this.#cursor.live,
      losses: () => this.#cursor.losses,
      changed: () => this.emit('outbox', this.#outbox.items),
    });
  }

  get position() {
    return this.#cursor.position;
  }

  get outbox() {
    return this.#outbox.items;
  }

  /** Whether messages take effect in it: all that others said has been seen, or it is of no concern. */
  get #settled() {
    return this.wanted ? this.#cursor.live : this.#phase === 'out';
  }

  /** Whether somebody wants to be in it. */
  get wanted() {
    return this.#joins > 0;
  }

  /** @param {import('../parley.js').Abortable} [options] */
  join({ signal } = {}) {
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

  /**
   * @param {unknown} content
   * @param {import('../parley.js').SendOptions} [options]
   */
  send(content, options = {}) {
    const refusal = this.#host.connection.ended ?? (this.#phase === 'refused' ? this.#refusal : undefined);
    return refusal ? Promise.reject(refusal) : this.#outbox.send(content, options);
  }

  /** @param {string} id */
  cancel(id) {
    return this.#outbox.cancel(id);
  }

  /** @param {import('../parley.js').Abortable} [options] */
  messages({ signal } = {}) {
    return iterate(this, signal);
  }

  /** @param {import('../parley.js').HistoryOptions} [options] */
  async history({ before, after, limit, signal } = {}) {
    const frame = { type: 'history', room: this.name, before: before?.offset, after: after?.offset, limit };
    const { epoch, messages, more } = await this.#host.ask(frame, signal);
    /** @type {(message: import('./codec.js').Frame) => import('../parley.js').Message<any>} */
    const past = (message) => messageOf(message, epoch, true);
    return { messages: messages.map(past), more };
  }

  /**
   * @param {string | Uint8Array} name
   * @param {unknown} [data]
   */
  signal(name, data) {
    // Signals may be lost anyway, and what is late is of no use.
    if (!this.#host.connection.writable || !(this.#phase === 'in' || this.#joins === 0)) return;
    if (name instanceof Uint8Array) this.#host.connection.send(encodeBinary('signal', this.name, '', name));
    else this.#host.connection.send({ type: 'signal', room: this.name, name, data });
  }

  typing(active = true) {
    if (this.#phase !== 'in' || !this.#host.connection.open || !this.#typing.tells(active)) return;
    this.#host.connection.send({ type: 'typing', room: this.name, active });
  }

  /** Brings the server to what is wanted, one step at a time. */
  sync() {
    if (!this.#host.connection.open) return;
    if (this.wanted && this.#phase === 'out') {
      if (this.#load) void this.#reload(this.#load);
      else this.#host.join(this);
    } else if (!this.wanted && this.#member && this.#phase !== 'joining' && this.#phase !== 'leaving') {
      this.#away('leaving');
      this.#ref = this.#host.ref();
      this.#host.connection.send({ type: 'leave', ref: this.#ref, room: this.name });
    } else if (!this.wanted && !this.#member && this.#phase !== 'joining') {
      this.#away('out');
    }
  }

  /**
   * The client is about to send the join of this room.
   * @param {string} ref
   * @returns {{room: string, since?: import('../parley.js').Position} | undefined} undefined if it is not due any more
   */
  joining(ref) {
    if (!this.wanted || this.#phase !== 'out') return undefined;
    this.#phase = 'joining';
    this.#ref = ref;
    return { room: this.name, since: this.#cursor.position };
  }

  /** @param {string | undefined} ref */
  awaits(ref) {
    return ref !== undefined && ref === this.#ref;
  }

  /** How many of the newest messages a first join asks for. */
  get last() {
    return this.#options.last;
  }

  /** The connection is open and has forgotten us. */
  opened() {
    this.#phase = 'out';
    if (this.wanted) this.sync();
    else this.#outbox.flush();
  }

  /** The connection is gone. */
  lost() {
    this.#away('out');
    this.#member = false;
    this.#outbox.lost();
  }

  /**
   * There will be no connection by itself.
   * @param {ParleyError} error
   */
  ended(error) {
    this.#outbox.failAll(error);
    this.emit('ended', error);
  }

  /** The broker accepts messages again. */
  flush() {
    this.#outbox.flush();
  }

  /**
   * A frame of this room.
   * @param {import('./codec.js').Frame} frame
   */
  receive(frame) {
    switch (frame.type) {
      case 'joined':
        return this.#joined(frame);
      case 'left':
        return this.#left(frame);
      case 'ack':
        return this.#outbox.acknowledged(frame);
      case 'error':
        return this.#error(frame);
    }
    // Before `joined`, frames belong to the position before it, and come again behind it.
    if (this.#phase !== 'in') return;
    switch (frame.type) {
      case 'message':
        return this.#cursor.message(frame);
      case 'deleted':
        return this.#cursor.deleted(frame);
      case 'gap':
        return this.#cursor.gap(frame);
      case 'epoch':
        return this.#cursor.epoch(frame);
      case 'signal':
        return this.emit('signal', { user: frame.user, username: frame.username, name: frame.name, data: frame.data });
      case 'typing':
        return this.#typing.heard(frame);
      case 'members':
        return this.#counted(frame.count);
      case 'user-joined':
      case 'user-left':
        return this.#cameOrWent(frame);
    }
  }

  /** @param {import('./codec.js').Frame} frame */
  #joined(frame) {
    if (frame.ref === undefined) {
      // An operator put us here: a join of ours, which has its position, puts everything in order.
      if (this.#phase === 'refused') this.#phase = 'out';
      if (this.wanted) this.sync();
      return;
    }
    if (this.#phase !== 'joining' || frame.ref !== this.#ref) return;
    this.#member = true;
    this.#phase = 'in';
    this.#ref = undefined;
    this.#backoff.reset();
    this.#members = frame.members;
    this.#cursor.enter(frame);
    // A listener may have had it reload.
    if (this.#phase === 'in') {
      const { recovered } = frame;
      this.emit('joined', { recovered, replay: frame.replay, members: frame.members });
      this.#cursor.settle();
    }
    this.sync();
  }

  /** @param {import('./codec.js').Frame} frame */
  #left({ ref, reason }) {
    if (this.awaits(ref)) {
      this.#member = false;
      this.#away('out');
      this.#outbox.flush();
      this.sync();
    } else if (reason !== undefined && this.#phase !== 'joining') {
      this.#member = false;
      // The broker may have failed the room, so we come back; an operator keeps us out by the policies.
      const closed = reason === 'closed';
      this.#refused(new ParleyError(reason, `The server ended the membership (${reason})`, { retryable: closed }), true);
    }
  }

  /** @param {import('./codec.js').Frame} frame */
  #error(frame) {
    const error = errorOf(frame);
    if (frame.id !== undefined) this.#outbox.refused(frame.id, error);
    else if (!this.awaits(frame.ref)) this.#host.failed(error);
    else if (this.#phase === 'joining') this.#refused(error, false);
    else if (error.code === 'not_joined') this.#left(frame);
    else {
      this.#again(error, () => {
        this.#phase = 'in';
        this.sync();
      });
    }
  }

  /**
   * @param {ParleyError} error
   * @param {boolean} slow
   */
  #refused(error, slow) {
    const was = this.#phase;
    if (was === 'waiting' || was === 'loading') return;
    this.#away(error.retryable ? 'waiting' : 'refused');
    if (!this.wanted) {
      this.#phase = 'out';
      return;
    }
    if (error.retryable) {
      this.#again(error, () => this.#retry(), slow);
    } else {
      this.#refusal = error;
      this.#outbox.failAll(error);
    }
    this.emit('refused', error);
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

  /**
   * Nothing of the room arrives any more.
   * @param {Phase} phase
   */
  #away(phase) {
    this.#host.env.clearTimeout(this.#timer);
    this.#phase = phase;
    this.#ref = undefined;
    this.#loads++;
    this.#cursor.pause();
    this.#typing.clear();
  }

  /** @param {'first' | 'gap'} why */
  async #reload(why) {
    this.#away('loading');
    const load = this.#loads;
    try {
      const position = await this.#options.load?.(why);
      if (load !== this.#loads) return;
      if (position) this.#cursor.moveTo(position);
      this.#load = undefined;
      this.#phase = 'out';
      this.sync();
    } catch (cause) {
      if (load !== this.#loads) return;
      const error = new ParleyError('load_failed', 'The state of the room cannot be loaded', { retryable: true, cause });
      this.#again(error, () => this.#retry());
      this.#host.failed(error);
    }
  }

  /** @param {import('../parley.js').RoomEvents<any>['gap']} gap */
  #gap(gap) {
    this.emit('gap', gap);
    if (!this.#options.load) return;
    this.#load = 'gap';
    this.#away('out');
    this.sync();
  }

  /** @param {import('../parley.js').Message<any>[]} messages */
  #deliver(messages) {
    for (const message of messages) {
      this.#outbox.seen(message);
      this.#typing.stopped(message.user);
    }
    this.emit('messages', messages);
  }

  /** @param {import('./codec.js').Frame} frame */
  #cameOrWent({ type, user, username }) {
    const joined = type === 'user-joined';
    if (!joined) this.#typing.stopped(user);
    this.emit(joined ? 'userJoined' : 'userLeft', { user, username });
    this.#counted(this.#members + (joined ? 1 : -1));
  }

  /** @param {number} count */
  #counted(count) {
    this.#members = count;
    this.emit('members', { count });
  }
}
