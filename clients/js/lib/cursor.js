import { fromBase64 } from './codec.js';

/** A batch of replayed messages is not held back longer than this. */
const BATCH_AGE = 50;

/**
 * @typedef {object} CursorEvents
 * @property {(messages: import('../parley.js').Message<any>[]) => void} messages
 * @property {(gap: import('../parley.js').RoomEvents<any>['gap']) => void} gap
 * @property {(deleted: {position: import('../parley.js').Position}) => void} deleted
 * @property {() => void} caughtUp the replay is over
 */

/**
 * Where a room is, and what is delivered next. The position is that of the last message that was delivered, and moves
 * before listeners hear of it, so that whatever they do goes on behind it.
 *
 * Replayed messages are delivered in batches, each in the task of the frame that completes it: a page stays responsive
 * and needs no timer, which a hidden page would not get in time. A batch that is incomplete when the connection is lost
 * is dropped, because the position asks for it again.
 */
export class Cursor {
  #events;
  #batchSize;
  #now;
  /** @type {import('../parley.js').Position | undefined} */
  #position;
  /** The newest offset that arrived. */
  #arrived = 0;
  /** Where the replay ends. */
  #head = 0;
  /** @type {import('../parley.js').Message<any>[]} */
  #batch = [];
  #batchSince = 0;
  /** Whether the replay is over. */
  live = false;
  /** How often something may have been missed. Whoever compares two values knows whether anything was in between. */
  losses = 0;

  /**
   * @param {import('../parley.js').Position | undefined} since
   * @param {number} batchSize
   * @param {() => number} now
   * @param {CursorEvents} events
   */
  constructor(since, batchSize, now, events) {
    this.#position = since;
    this.#batchSize = batchSize;
    this.#now = now;
    this.#events = events;
  }

  get position() {
    return this.#position;
  }

  /**
   * The room's state was loaded elsewhere, and goes on from there.
   * @param {import('../parley.js').Position} position
   */
  moveTo(position) {
    this.#position = position;
  }

  /** Nothing arrives for now. */
  pause() {
    this.live = false;
    this.#batch = [];
    this.#head = Infinity;
  }

  /**
   * The answer to a join. Epoch and offset move together: an offset means nothing in another epoch.
   * @param {import('./codec.js').Frame} joined
   */
  enter(joined) {
    const from = this.#position;
    const to = { epoch: joined.epoch, offset: joined.offset - joined.replay };
    this.#batch = [];
    this.#position = to;
    this.#arrived = to.offset;
    this.#head = joined.offset;
    this.live = false;
    if (joined.recovered === false) this.#lost(from, to);
  }

  /** Ends the replay if there is none, or if all of it has arrived. */
  settle() {
    if (this.live || this.#arrived < this.#head) return;
    this.#flush();
    this.live = true;
    this.#events.caughtUp();
  }

  /** @param {import('./codec.js').Frame} frame */
  message(frame) {
    if (!this.#position || frame.offset <= this.#arrived) return;
    this.#arrived = frame.offset;
    if (this.#batch.length === 0) this.#batchSince = this.#now();
    this.#batch.push(messageOf(frame, this.#position.epoch, !this.live));
    const due = this.live || this.#batch.length >= this.#batchSize || this.#now() - this.#batchSince >= BATCH_AGE;
    if (due) this.#flush();
    this.settle();
  }

  /** @param {import('./codec.js').Frame} frame */
  deleted({ offset }) {
    if (!this.#position) return;
    this.#flush();
    const { epoch } = this.#position;
    if (offset > this.#arrived) {
      // It stands in the place of a message, of which nobody knows the id any more.
      this.losses++;
      this.#arrived = offset;
      this.#position = { epoch, offset };
    }
    this.#events.deleted({ position: { epoch, offset } });
    this.settle();
  }

  /** @param {import('./codec.js').Frame} frame */
  gap(frame) {
    if (!this.#position || frame.to <= this.#arrived) return;
    this.#flush();
    this.#arrived = frame.to;
    this.#lost(this.#position, { epoch: this.#position.epoch, offset: frame.to });
    this.settle();
  }

  /** @param {import('./codec.js').Frame} frame */
  epoch({ epoch, offset, recovered }) {
    if (!this.#position) return;
    this.#flush();
    if (recovered) {
      this.#position = { epoch, offset: this.#position.offset };
    } else {
      this.#arrived = offset;
      this.#lost(this.#position, { epoch, offset });
      this.settle();
    }
  }

  /**
   * @param {import('../parley.js').Position | undefined} from
   * @param {import('../parley.js').Position} to
   */
  #lost(from, to) {
    this.losses++;
    this.#position = to;
    this.#events.gap({ from, to });
  }

  #flush() {
    const batch = this.#batch;
    if (batch.length === 0) return;
    this.#batch = [];
    this.#position = batch[batch.length - 1].position;
    this.#events.messages(batch);
  }
}

/**
 * @param {import('./codec.js').Frame} frame
 * @param {string} epoch
 * @param {boolean} replayed
 * @returns {import('../parley.js').Message<any>}
 */
export function messageOf(frame, epoch, replayed) {
  const { offset, id, name, key, user, username, timestamp, data } = frame;
  return {
    position: { epoch, offset },
    id,
    name,
    key,
    user,
    username,
    timestamp,
    content: data === undefined ? frame.content : fromBase64(data),
    replayed,
  };
}
