/**
 * What the library takes from its surroundings. Nothing is touched before it is needed, so a client can be created in
 * Node, in a worker and in a test alike.
 * @typedef {Required<Pick<import('../parley.js').Environment, 'now' | 'wallClock' | 'random' | 'setTimeout' | 'clearTimeout'>>
 *   & Pick<import('../parley.js').Environment, 'WebSocket' | 'fetch' | 'document' | 'window'>} Env
 */

/**
 * @param {import('../parley.js').Environment} [given]
 * @returns {Env}
 */
export function environment(given = {}) {
  return {
    WebSocket: given.WebSocket ?? globalThis.WebSocket,
    fetch: given.fetch ?? (globalThis.fetch && ((url, init) => globalThis.fetch(url, init))),
    // Monotonic: a clock that is set, or wrong, changes nothing.
    now: given.now ?? (() => performance.now()),
    wallClock: given.wallClock ?? (() => Date.now()),
    random: given.random ?? Math.random,
    setTimeout: given.setTimeout ?? ((fn, ms) => globalThis.setTimeout(fn, ms)),
    clearTimeout: given.clearTimeout ?? ((timer) => globalThis.clearTimeout(/** @type {any} */ (timer))),
    document: given.document ?? globalThis.document,
    window: given.window ?? globalThis.window,
  };
}
