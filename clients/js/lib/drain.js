/** How often a socket that is full is looked at while something waits for it. No event tells when it has room again. */
const POLL = 25;

/** What waits until the network has taken what was sent. */
export class Drain {
  #env;
  #writable;
  /** @type {Array<() => void>} */
  #waiting = [];
  /** @type {unknown} */
  #timer;

  /**
   * @param {import('./env.js').Env} env
   * @param {() => boolean} writable
   */
  constructor(env, writable) {
    this.#env = env;
    this.#writable = writable;
  }

  /** @param {() => void} then called once there is room, unless the connection is lost before */
  wait(then) {
    this.#waiting.push(then);
    this.#timer ??= this.#env.setTimeout(() => this.#look(), POLL);
  }

  clear() {
    this.#waiting = [];
    this.#env.clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #look() {
    this.#timer = undefined;
    while (this.#writable() && this.#waiting.length > 0) this.#waiting.shift()?.();
    if (this.#waiting.length > 0) this.#timer ??= this.#env.setTimeout(() => this.#look(), POLL);
  }
}
