/** Tries in a row that ended because the server is in trouble, or because we are its trouble, begin from here: 4 s. */
const SLOW = 3;

/**
 * Exponential backoff with full jitter: between a fifth of `min` and the current limit, which doubles from `min` to
 * `max`. The limit itself is jittered too, or clients that have waited for long would all come in the same second.
 */
export class Backoff {
  #min;
  #max;
  #attempts;
  #random;
  /** Failures in a row. */
  failures = 0;

  /**
   * @param {{min?: number, max?: number, attempts?: number} | undefined} options
   * @param {() => number} random
   */
  constructor({ min = 500, max = 30_000, attempts = Infinity } = {}, random) {
    if (!(min > 0) || !(max >= min) || !(attempts >= 1)) {
      throw new RangeError('backoff: min must be above 0, max at least min, and attempts at least 1');
    }
    this.#min = min;
    this.#max = max;
    this.#attempts = attempts;
    this.#random = random;
  }

  get exhausted() {
    return this.failures >= this.#attempts;
  }

  /**
   * Counts a failure.
   * @param {boolean} [slow] begin with seconds rather than a fraction of one
   * @returns {number} how many milliseconds to wait
   */
  next(slow = false) {
    const doublings = Math.min(this.failures++ + (slow ? SLOW : 0), 30);
    const limit = Math.min(this.#max, this.#min * 2 ** doublings);
    const least = this.#min / 5;
    return least + this.#random() * (limit - least);
  }

  reset() {
    this.failures = 0;
  }
}
