/**
 * The page's life: when it is worth looking at the connection again, and when it must be given up. Does nothing where
 * there is no page.
 *
 * `navigator.onLine` is not asked, because it lies both ways. The events are hints to look.
 */
export class Page {
  #env;
  #events;
  /** @type {AbortController | undefined} */
  #listening;

  /**
   * @param {import('./env.js').Env} env
   * @param {{wake: () => void, doubt: () => void, hide: () => void}} events
   */
  constructor(env, events) {
    this.#env = env;
    this.#events = events;
  }

  start() {
    if (this.#listening) return;
    const { document, window } = this.#env;
    const { wake, doubt, hide } = this.#events;
    this.#listening = new AbortController();
    const { signal } = this.#listening;
    document?.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && wake(), { signal });
    document?.addEventListener('resume', wake, { signal });
    window?.addEventListener?.('online', wake, { signal });
    window?.addEventListener?.('offline', doubt, { signal });
    window?.addEventListener?.('pageshow', wake, { signal });
    // An open socket keeps a page out of the back/forward cache.
    window?.addEventListener?.('pagehide', hide, { signal });
  }

  stop() {
    this.#listening?.abort();
    this.#listening = undefined;
  }
}
