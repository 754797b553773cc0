/**
 * Typed events. `on` returns the function that removes the listener again. A listener that throws is reported like any
 * uncaught error, and keeps no other listener from its event.
 * @template {object} E
 */
export class Emitter {
  /** @type {Map<keyof E, Set<{fn: (event: any) => void}>>} */
  #listeners = new Map();

  /**
   * @template {keyof E} K
   * @param {K} event
   * @param {(event: E[K]) => void} fn
   * @param {{signal?: AbortSignal}} [options]
   * @returns {() => void}
   */
  on(event, fn, { signal } = {}) {
    if (signal?.aborted) return () => {};
    const listeners = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, listeners);
    const listener = { fn };
    const off = () => {
      listeners.delete(listener);
      signal?.removeEventListener('abort', off);
    };
    listeners.add(listener);
    signal?.addEventListener('abort', off, { once: true });
    return off;
  }

  /**
   * @template {keyof E} K
   * @param {K} event
   * @param {E[K]} value
   */
  emit(event, value) {
    const listeners = this.#listeners.get(event);
    if (!listeners) return;
    for (const listener of [...listeners]) {
      if (!listeners.has(listener)) continue;
      try {
        listener.fn(value);
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}
