import { encodeMessage } from './codec.js';
import { deferred } from './deferred.js';
import { Backoff } from './backoff.js';
import { ParleyError } from './errors.js';
import { abandoned, failure, isOver, newId, overdue, sentNow } from './outgoing.js';

/** @typedef {import('./outgoing.js').Item} Item */

/** How many messages that failed are remembered, for a page to show. */
const REMEMBERED = 100;

/**
 * What an outbox asks of its room.
 * @typedef {object} Outlet
 * @property {string} name
 * @property {import('./env.js').Env} env
 * @property {number} ackTimeout
 * @property {import('./connection.js').Connection} connection
 * @property {() => boolean} ready whether messages may go out now
 * @property {() => boolean} live whether all that others said has been seen
 * @property {() => number} losses
 * @property {() => {user: string, messageBytes: number}} session
 * @property {() => void} changed
 */

/**
 * The messages of one room that are not acknowledged, in the order in which they were sent. One at a time is on its
 * way: if the server refuses it for now, none behind it may overtake it.
 *
 * After a loss, a message goes out again under its id, which the server knows for a while. Later, or under another user
 * id, it goes out again only if the room was seen without a gap since then, so that the message would have been seen,
 * too. Otherwise it is *uncertain*, and its sender decides.
 */
export class Outbox {
  #outlet;
  /** @type {Map<string, Item>} */
  #items = new Map();
  /** @type {Item | undefined} */
  #flying;
  /** For the ack, or until the server may be asked again. @type {unknown} */
  #timer;
  #resting = false;
  #draining = false;
  #backoff;

  /** @param {Outlet} outlet */
  constructor(outlet) {
    this.#outlet = outlet;
    this.#backoff = new Backoff({}, outlet.env.random);
  }

  /** @returns {readonly import('../parley.js').Outgoing<any>[]} */
  get items() {
    return [...this.#items.values()].map(({ id, content, state }) => ({ id, content, state }));
  }

  /**
   * @param {unknown} content
   * @param {import('../parley.js').SendOptions} options
   * @returns {Promise<import('../parley.js').Receipt>}
   */
  send(content, { id = newId(), name, key, ttl, signal }) {
    if (signal?.aborted) return Promise.reject(signal.reason);
    const earlier = this.#items.get(id);
    if (earlier && !isOver(earlier)) {
      return Promise.reject(new ParleyError('id_conflict', 'A message with this id is already on its way'));
    }
    let frame;
    try {
      frame = encodeMessage({ room: this.#outlet.name, id, name, key, content });
    } catch (error) {
      return Promise.reject(error);
    }
    this.#items.delete(id);
    const { promise, ...answer } = deferred(signal, () => this.#forget(item));
    /** @type {Item} */
    const item = { id, content, frame, answer, signal, state: 'queued' };
    this.#items.set(id, item);
    if (ttl !== undefined) {
      item.deadline = this.#outlet.env.now() + ttl;
      item.ttl = this.#outlet.env.setTimeout(() => this.#expire(item), ttl);
    }
    this.#outlet.changed();
    this.flush();
    return promise;
  }

  /**
   * Takes back a message that was never sent, or drops one that failed.
   * @param {string} id
   */
  cancel(id) {
    const item = this.#items.get(id);
    if (!item || (!isOver(item) && item.sent)) return false;
    if (!isOver(item)) item.answer.reject(new ParleyError('cancelled', 'The message was cancelled'));
    this.#forget(item);
    return true;
  }

  /** Sends what may be sent. */
  flush() {
    const { connection } = this.#outlet;
    while (!this.#flying && !this.#resting && this.#outlet.ready()) {
      const item = this.#next();
      if (!item) return;
      const failed = failure(item, this.#outlet);
      if (failed) {
        this.#end(item, failed);
      } else if (connection.writable) {
        this.#transmit(item);
      } else {
        this.#awaitDrain();
        return;
      }
    }
  }

  #awaitDrain() {
    if (this.#draining) return;
    this.#draining = true;
    this.#outlet.connection.whenWritable(() => {
      this.#draining = false;
      this.flush();
    });
  }

  /** @param {Item} item */
  #transmit(item) {
    const { env, ackTimeout, connection } = this.#outlet;
    this.#flying = item;
    item.state = 'sending';
    item.sent ??= sentNow(this.#outlet);
    connection.send(item.frame);
    // The server always answers. If the answer is missing, asking again under the same id does no harm.
    this.#timer = env.setTimeout(() => this.#landed(item), ackTimeout);
    this.#outlet.changed();
  }

  /**
   * The server has it.
   * @param {import('./codec.js').Frame} ack
   */
  acknowledged({ id, epoch, offset, duplicate }) {
    this.#settle(id, { id, position: { epoch, offset }, duplicate: duplicate === true });
  }

  /**
   * Its copy in the room says the same as an ack.
   * @param {import('../parley.js').Message<any>} message
   */
  seen({ id, user, position }) {
    const sent = id === undefined ? undefined : this.#items.get(id)?.sent;
    // Ids are unique for each user only. A guest is another user after each reconnect.
    const ours = sent && (user === sent.user || user === this.#outlet.session().user);
    if (id !== undefined && ours) this.#settle(id, { id, position, duplicate: false });
  }

  /**
   * @param {string} id
   * @param {import('../parley.js').Receipt} receipt
   */
  #settle(id, receipt) {
    const item = this.#items.get(id);
    if (!item) return;
    this.#backoff.reset();
    this.#forget(item);
    item.answer.resolve(receipt);
  }

  /**
   * @param {string} id
   * @param {ParleyError} error
   */
  refused(id, error) {
    const item = this.#items.get(id);
    if (!item || item !== this.#flying) return;
    if (!error.retryable) {
      this.#end(item, { state: 'failed', error });
      this.flush();
      return;
    }
    this.#landed(item, false);
    this.#resting = true;
    const delay = this.#backoff.next();
    this.#timer = this.#outlet.env.setTimeout(() => {
      this.#resting = false;
      this.flush();
    }, error.retryAfterMs ?? delay);
  }

  /** The connection is gone, or the room: nothing is on its way any more. */
  lost() {
    this.#outlet.env.clearTimeout(this.#timer);
    this.#resting = this.#draining = false;
    if (this.#flying) this.#landed(this.#flying, false);
  }

  /**
   * Nothing will be sent any more.
   * @param {ParleyError} error
   */
  failAll(error) {
    this.lost();
    for (const item of [...this.#items.values()]) {
      if (!isOver(item)) this.#end(item, abandoned(item, error));
    }
  }

  /** @param {Item} item */
  #expire(item) {
    this.#end(item, overdue(item));
    this.flush();
  }

  #next() {
    // One signal may abort several messages, which hear of it one after the other.
    for (const item of this.#items.values()) if (!isOver(item) && !item.signal?.aborted) return item;
    return undefined;
  }

  /**
   * It is no longer on its way.
   * @param {Item} item
   * @param {boolean} [flush]
   */
  #landed(item, flush = true) {
    if (this.#flying !== item) return;
    this.#flying = undefined;
    this.#outlet.env.clearTimeout(this.#timer);
    if (!isOver(item)) item.state = 'queued';
    if (flush) this.flush();
  }

  /**
   * It failed, and stays for the page to show.
   * @param {Item} item
   * @param {import('./outgoing.js').Failure} failure
   */
  #end(item, { state, error }) {
    item.state = state;
    this.#landed(item, false);
    this.#outlet.env.clearTimeout(item.ttl);
    item.answer.reject(error);
    const over = [...this.#items.values()].filter(isOver);
    if (over.length > REMEMBERED) this.#items.delete(over[0].id);
    this.#outlet.changed();
  }

  /** @param {Item} item */
  #forget(item) {
    // A later message may have been given the id of one that failed.
    if (this.#items.get(item.id) !== item) return;
    this.#items.delete(item.id);
    this.#outlet.env.clearTimeout(item.ttl);
    this.#landed(item, false);
    this.#outlet.changed();
    this.flush();
  }
}
