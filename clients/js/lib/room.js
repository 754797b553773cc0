import { encodeBinary } from './codec.js';
import { Cursor, messageOf } from './cursor.js';
import { Emitter } from './emitter.js';
import { errorOf } from './errors.js';
import { iterate } from './iterate.js';
import { Membership } from './membership.js';
import { Outbox } from './outbox.js';
import { Reads } from './reads.js';
import { Typing } from './typing.js';

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
 * @property {(error: import('./errors.js').ParleyError) => void} failed
 */

/**
 * A room, whether it was joined or not. Its membership, position and outbox each decide for themselves; the room hands
 * frames to them, and tells each what concerns it of the others.
 *
 * @extends {Emitter<import('../parley.js').RoomEvents<any> & {ended: import('./errors.js').ParleyError}>}
 */
export class Room extends Emitter {
  /** @readonly */
  name;
  #host;
  #options;
  #membership;
  #members = 0;
  #cursor;
  #outbox;
  #typing;
  #reads;

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
    this.#membership = new Membership(name, options, host, {
      due: () => host.join(this),
      loaded: (position) => this.#cursor.moveTo(position),
      entered: (joined) => this.#entered(joined),
      away: () => {
        this.#cursor.pause();
        this.#typing.clear();
      },
      left: () => this.#outbox.flush(),
      refused: (error) => {
        if (!error.retryable) this.#outbox.failAll(error);
        this.emit('refused', error);
      },
    });
    this.#cursor = new Cursor(options.since, options.batchSize ?? 100, host.env.now, {
      messages: (messages) => this.#deliver(messages),
      gap: (gap) => {
        this.emit('gap', gap);
        this.#membership.missed();
      },
      deleted: (deleted) => this.emit('deleted', deleted),
      caughtUp: () => this.#outbox.flush(),
    });
    this.#reads = new Reads((read) => this.emit('read', read));
    this.#typing = new Typing(host.env.now, (typists) => this.emit('typing', typists));
    this.#outbox = new Outbox({
      name,
      env: host.env,
      ackTimeout: host.ackTimeout,
      connection: host.connection,
      session: host.session,
      ready: () => host.connection.open && host.connection.status.publishing && (this.#cursor.live || this.#membership.outside),
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

  /** Whether somebody wants to be in it. */
  get wanted() {
    return this.#membership.wanted;
  }

  /** @param {import('../parley.js').Abortable} [options] */
  join({ signal } = {}) {
    return this.#membership.join(signal);
  }

  /**
   * @param {unknown} content
   * @param {import('../parley.js').SendOptions} [options]
   */
  send(content, options = {}) {
    const refusal = this.#host.connection.ended ?? this.#membership.refusal;
    // Others take the message as its end, and have to be told when it begins again.
    this.typing(false);
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
    if (!this.#host.connection.writable || !(this.#membership.inside || !this.wanted)) return;
    if (name instanceof Uint8Array) this.#host.connection.send(encodeBinary('signal', this.name, '', name));
    else this.#host.connection.send({ type: 'signal', room: this.name, name, data });
  }

  typing(active = true) {
    if (!this.#membership.inside || !this.#host.connection.open || !this.#typing.tells(active)) return;
    this.#host.connection.send({ type: 'typing', room: this.name, active });
  }

  get reads() {
    return this.#reads.marks;
  }

  /** @param {number} offset */
  markRead(offset) {
    this.#reads.mark(offset);
    this.#sendRead();
  }

  #sendRead() {
    if (!this.#membership.inside || !this.#host.connection.open) return;
    const offset = this.#reads.due();
    if (offset !== undefined) this.#host.connection.send({ type: 'read', room: this.name, offset });
  }

  /**
   * The client is about to send the join of this room.
   * @param {string} ref
   * @returns {{room: string, since?: import('../parley.js').Position} | undefined} undefined if it is not due any more
   */
  joining(ref) {
    return this.#membership.joining(ref) ? { room: this.name, since: this.#cursor.position } : undefined;
  }

  /** @param {string | undefined} ref */
  awaits(ref) {
    return this.#membership.awaits(ref);
  }

  /** How many of the newest messages a first join asks for. */
  get last() {
    return this.#options.last;
  }

  /** The connection is open and has forgotten us. */
  opened() {
    if (this.wanted) this.#membership.sync();
    else this.#outbox.flush();
  }

  /** The connection is gone. */
  lost() {
    this.#membership.lost();
    this.#outbox.lost();
  }

  /**
   * There will be no connection by itself.
   * @param {import('./errors.js').ParleyError} error
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
        return this.#membership.joined(frame);
      case 'left':
        return this.#membership.left(frame);
      case 'ack':
        return this.#outbox.acknowledged(frame);
      case 'error':
        return this.#error(frame);
    }
    // Before `joined`, frames belong to the position before it, and come again behind it.
    if (!this.#membership.inside) return;
    switch (frame.type) {
      case 'message':
        return this.#cursor.message(frame);
      case 'deleted':
        return this.#cursor.deleted(frame);
      case 'gap':
        return this.#cursor.gap(frame);
      case 'epoch':
        if (!frame.recovered) this.#reads.clear();
        return this.#cursor.epoch(frame);
      case 'signal':
        return this.emit('signal', { user: frame.user, username: frame.username, name: frame.name, data: frame.data });
      case 'typing':
        return this.#typing.heard(frame);
      case 'read':
        return this.#reads.heard(frame.reads);
      case 'members':
        return this.#counted(frame.count);
      case 'user-joined':
      case 'user-left':
        return this.#cameOrWent(frame);
    }
  }

  /** @param {import('./codec.js').Frame} frame */
  #entered(frame) {
    const { recovered, replay, members, unread } = frame;
    this.#members = members;
    if (recovered === false) this.#reads.clear();
    this.#cursor.enter(frame);
    // If messages were missed, the application may load its state first.
    if (!this.#membership.inside) return;
    this.#reads.enter(frame);
    this.emit('joined', { recovered, replay, members, unread });
    this.#sendRead();
    this.#cursor.settle();
  }

  /** @param {import('./codec.js').Frame} frame */
  #error(frame) {
    if (frame.id !== undefined) this.#outbox.refused(frame.id, errorOf(frame));
    else if (!this.#membership.failed(frame)) this.#host.failed(errorOf(frame));
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
