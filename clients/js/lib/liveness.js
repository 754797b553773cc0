/** An answer to a ping that follows silence is awaited for this long, and for less after a wake-up, when somebody looks. */
const PATIENCE = 10_000;
const PATIENCE_AWAKE = 5_000;

/** A timer that fires this late was throttled, or the machine slept. */
const LATE = 1_000;

/**
 * Notices a connection that died without a word. JavaScript does not see the server's pings, so after `interval` of
 * silence it sends one of its own, and gives up if nothing at all arrives after that.
 *
 * Time that a page slept does not count: frames that arrived meanwhile are delivered after timers that are overdue. So
 * the verdict waits for one more turn of the event loop, and for a second if the timer was late.
 */
export class Liveness {
  #env;
  #interval;
  #ping;
  #dead;
  /** @type {unknown} */
  #timer;
  #heardAt;

  /**
   * @param {import('./env.js').Env} env
   * @param {number} interval
   * @param {() => void} ping
   * @param {() => void} dead
   */
  constructor(env, interval, ping, dead) {
    this.#env = env;
    this.#interval = interval;
    this.#ping = ping;
    this.#dead = dead;
    this.#heardAt = env.now();
    this.#listen();
  }

  /** Anything arrived. On the way of every frame, so it moves no timer. */
  heard() {
    this.#heardAt = this.#env.now();
  }

  /** The page or the network woke up: ask at once. */
  probe() {
    this.#ask(Math.min(this.#interval, PATIENCE_AWAKE));
  }

  stop() {
    this.#env.clearTimeout(this.#timer);
  }

  #listen() {
    const silence = this.#env.now() - this.#heardAt;
    if (silence >= this.#interval) this.#ask(Math.min(this.#interval, PATIENCE));
    else this.#after(this.#interval - silence, () => this.#listen());
  }

  /** @param {number} patience */
  #ask(patience) {
    const asked = this.#env.now();
    this.#ping();
    this.#after(patience, () => this.#judge(asked, this.#env.now() - asked - patience >= LATE ? LATE : 0));
  }

  /**
   * @param {number} asked
   * @param {number} grace
   */
  #judge(asked, grace) {
    const silent = () => this.#heardAt <= asked;
    if (!silent()) this.#listen();
    else this.#after(grace, () => (silent() ? this.#dead() : this.#listen()));
  }

  /**
   * @param {number} ms
   * @param {() => void} then
   */
  #after(ms, then) {
    this.#env.clearTimeout(this.#timer);
    this.#timer = this.#env.setTimeout(then, ms);
  }
}
