import { Connection } from './connection.js';
import { deferred } from './deferred.js';
import { Emitter } from './emitter.js';
import { environment } from './env.js';
import { ParleyError, errorOf } from './errors.js';
import { Room } from './room.js';

export { ParleyError, Unauthorized } from './errors.js';

/** How many rooms a frame may name. */
const ROOMS = 100;

/**
 * @param {string} url
 * @param {import('../parley.js').Options} [options]
 */
export function createClient(url, options = {}) {
  return new Client(url, options);
}

/**
 * A connection and the rooms on it. Frames are handed to the room or the request that they belong to.
 *
 * @extends {Emitter<import('../parley.js').ClientEvents>}
 */
class Client extends Emitter {
  #env;
  #connection;
  /** @type {Map<string, Room>} */
  #rooms = new Map();
  /** @type {import('./room.js').Host} */
  #host;
  #username;
  #session = { user: '', messageBytes: Infinity };
  #refs = 0;
  /** What the server was asked, by its `ref`. @type {Map<string, ReturnType<typeof deferred<any>>>} */
  #asked = new Map();
  /** Rooms whose joins are sent at the end of this task. @type {Set<Room>} */
  #joining = new Set();

  /**
   * @param {string} url
   * @param {import('../parley.js').Options} options
   */
  constructor(url, options) {
    super();
    this.#env = environment(options.env);
    this.#username = options.username;
    this.#connection = new Connection(endpoint(url), options, this.#env, {
      opened: (welcome) => this.#opened(welcome),
      frame: (frame) => this.#receive(frame),
      lost: (error) => this.#lost(error),
      ended: (error) => this.#ended(error),
      failed: (error) => this.emit('error', error),
      status: (status) => this.emit('status', status),
      needed: () => [...this.#rooms.values()].some((room) => room.wanted),
    });
    this.#host = {
      env: this.#env,
      ackTimeout: options.ackTimeout ?? 30_000,
      connection: this.#connection,
      session: () => this.#session,
      join: (room) => this.#join(room),
      ref: () => this.#ref(),
      ask: (frame, signal) => this.#ask(frame, signal),
      failed: (error) => this.emit('error', error),
    };
  }

  get status() {
    return this.#connection.status;
  }

  connect() {
    this.#connection.connect();
  }

  close() {
    this.#connection.close();
  }

  /**
   * @param {import('../parley.js').Abortable} [options]
   * @returns {Promise<void>}
   */
  async ready({ signal } = {}) {
    signal?.throwIfAborted();
    if (this.#connection.open) return;
    if (this.#connection.ended) throw this.#connection.ended;
    /** @type {ReturnType<typeof deferred<void>>} */
    const opened = deferred(signal);
    const off = this.on('status', ({ state }) => {
      if (state === 'open') opened.resolve();
      else if (this.#connection.ended) opened.reject(this.#connection.ended);
    });
    try {
      await opened.promise;
    } finally {
      off();
    }
  }

  /** @param {import('../parley.js').Abortable} [options] */
  async ping({ signal } = {}) {
    await this.ready({ signal });
    const asked = this.#env.now();
    await this.#ask({ type: 'ping' }, signal);
    return this.#env.now() - asked;
  }

  /**
   * @param {readonly string[]} rooms
   * @param {import('../parley.js').Abortable} [options]
   * @returns {Promise<import('../parley.js').Unread[]>}
   */
  async unread(rooms, { signal } = {}) {
    /** @type {import('../parley.js').Unread[]} */
    const counts = [];
    for (let i = 0; i < rooms.length; i += ROOMS) {
      const answer = await this.#ask({ type: 'unread', rooms: rooms.slice(i, i + ROOMS) }, signal);
      for (const { room, epoch, offset, read, unread, ...refused } of answer.rooms) {
        counts.push('code' in refused ? { room, error: errorOf(/** @type {any} */ (refused)) } : { room, epoch, offset, read, unread });
      }
    }
    return counts;
  }

  /**
   * @param {string} name
   * @param {import('../parley.js').RoomOptions} [options]
   */
  room(name, options = {}) {
    let room = this.#rooms.get(name);
    if (!room) {
      room = new Room(name, options, this.#host);
      this.#rooms.set(name, room);
    }
    return room;
  }

  #ref() {
    return (++this.#refs).toString(36);
  }

  /**
   * Sends a frame that is answered.
   * @param {import('./codec.js').Frame} frame
   * @param {AbortSignal} [signal]
   * @returns {Promise<import('./codec.js').Frame>}
   */
  async #ask(frame, signal) {
    await this.ready({ signal });
    const ref = this.#ref();
    /** @type {ReturnType<typeof deferred<import('./codec.js').Frame>>} */
    const answer = deferred(signal, () => this.#asked.delete(ref));
    if (!signal?.aborted) {
      this.#asked.set(ref, answer);
      this.#connection.send({ ...frame, ref });
    }
    return answer.promise;
  }

  /** @param {Room} room */
  #join(room) {
    if (this.#joining.size === 0) queueMicrotask(() => this.#sendJoins());
    this.#joining.add(room);
  }

  /** Rooms that ask for the same go into one frame, because each frame counts against the rate. */
  #sendJoins() {
    const rooms = [...this.#joining];
    this.#joining.clear();
    if (!this.#connection.open) return;
    for (const last of new Set(rooms.map((room) => room.last))) {
      const alike = rooms.filter((room) => room.last === last);
      for (let i = 0; i < alike.length; i += ROOMS) this.#sendJoin(alike.slice(i, i + ROOMS), last);
    }
  }

  /**
   * @param {Room[]} rooms
   * @param {number | undefined} last
   */
  #sendJoin(rooms, last) {
    const ref = this.#ref();
    const joins = rooms.map((room) => room.joining(ref)).filter((join) => join !== undefined);
    if (joins.length === 0) return;
    this.#connection.send({ type: 'join', ref, rooms: joins, last, username: this.#username });
  }

  /** @param {import('./codec.js').Frame} welcome */
  #opened(welcome) {
    this.#session = { user: welcome.user, messageBytes: welcome.limits.messageBytes };
    for (const room of this.#rooms.values()) room.opened();
  }

  /** @param {ParleyError} error */
  #lost(error) {
    const asked = [...this.#asked.values()];
    this.#asked.clear();
    const lost = new ParleyError('connection_lost', error.message, { retryable: true, cause: error });
    for (const answer of asked) answer.reject(lost);
    for (const room of this.#rooms.values()) room.lost();
  }

  /** @param {ParleyError} error */
  #ended(error) {
    for (const room of this.#rooms.values()) room.ended(error);
    if (error.code !== 'closed') this.emit('error', error);
  }

  /** @param {import('./codec.js').Frame} frame */
  #receive(frame) {
    const answer = this.#asked.get(frame.ref);
    if (answer) {
      this.#asked.delete(frame.ref);
      if (frame.type === 'error') answer.reject(errorOf(frame));
      else answer.resolve(frame);
    } else if (frame.type === 'status') {
      if (frame.publishing) for (const room of this.#rooms.values()) room.flush();
    } else if (frame.type === 'error' && frame.room === undefined) {
      // A join of several rooms may fail as a whole.
      const rooms = [...this.#rooms.values()].filter((room) => room.awaits(frame.ref));
      for (const room of rooms) room.receive(frame);
      if (rooms.length === 0) this.emit('error', errorOf(frame));
    } else if (frame.room !== undefined) {
      const room = this.#rooms.get(frame.room);
      if (frame.type === 'joined' && frame.ref === undefined && !room?.wanted) this.emit('placed', { room: frame.room });
      room?.receive(frame);
    }
  }
}

/**
 * The address of the WebSocket: `/ws` if only the server is named.
 * @param {string} given
 */
function endpoint(given) {
  const url = new URL(given, globalThis.location?.href);
  url.protocol = url.protocol.replace(/^http/, 'ws');
  if (url.protocol !== 'ws:' && url.protocol !== 'wss:') throw new TypeError(`Not a WebSocket address: ${url.protocol}`);
  if (url.pathname === '/') url.pathname = '/ws';
  url.hash = '';
  return url.href;
}
