/** How far the users of a room have read it. Offsets belong to the room's epoch: in another one they mean nothing. */
export class Reads {
  #read;
  /** @type {Map<string, number>} */
  #marks = new Map();
  /** How far we have read, which the server may not know yet. */
  #own = 0;
  /** What the server was told. */
  #told = 0;
  #epoch = '';

  /** @param {(read: {user: string, offset: number}) => void} read */
  constructor(read) {
    this.#read = read;
  }

  /** @type {ReadonlyMap<string, number>} */
  get marks() {
    return this.#marks;
  }

  /**
   * We have read up to here.
   * @param {number} offset
   */
  mark(offset) {
    this.#own = Math.max(this.#own, offset);
  }

  /**
   * What the server has to be told now, if anything: it only knows marks that move forward.
   * @returns {number | undefined}
   */
  due() {
    if (this.#own <= this.#told) return undefined;
    this.#told = this.#own;
    return this.#own;
  }

  /**
   * The answer to a join.
   * @param {import('./codec.js').Frame} joined
   */
  enter({ epoch, recovered, reads }) {
    if (recovered === false || (recovered === undefined && this.#epoch && this.#epoch !== epoch)) this.clear();
    this.#epoch = epoch;
    // It may not have had what was sent last.
    this.#told = 0;
    this.heard(reads ?? {});
  }

  /** Positions begin anew. */
  clear() {
    this.#marks.clear();
    this.#own = 0;
    this.#told = 0;
  }

  /** @param {Record<string, number>} reads */
  heard(reads) {
    for (const [user, offset] of Object.entries(reads)) {
      if (offset <= (this.#marks.get(user) ?? 0)) continue;
      this.#marks.set(user, offset);
      this.#read({ user, offset });
    }
  }
}
