/** Others are told at most this often that somebody still types; the server forgets it after six seconds. */
const REPEAT = 3_000;

/** Who is typing in a room, and what others were told about us. */
export class Typing {
  #now;
  #changed;
  /** @type {Map<string, import('../parley.js').User>} */
  #typists = new Map();
  #toldAt = -Infinity;

  /**
   * @param {() => number} now
   * @param {(typists: import('../parley.js').User[]) => void} changed
   */
  constructor(now, changed) {
    this.#now = now;
    this.#changed = changed;
  }

  /**
   * @param {boolean} active
   * @returns {boolean} whether others have to be told
   */
  tells(active) {
    const told = this.#now() - this.#toldAt < REPEAT;
    if (told === active) return false;
    this.#toldAt = active ? this.#now() : -Infinity;
    return true;
  }

  /** @param {import('./codec.js').Frame} frame */
  heard({ user, username, active }) {
    if (!active) this.stopped(user);
    else {
      this.#typists.set(user, { user, username });
      this.#changed([...this.#typists.values()]);
    }
  }

  /** @param {string} user */
  stopped(user) {
    if (this.#typists.delete(user)) this.#changed([...this.#typists.values()]);
  }

  clear() {
    this.#toldAt = -Infinity;
    if (this.#typists.size === 0) return;
    this.#typists.clear();
    this.#changed([]);
  }
}
