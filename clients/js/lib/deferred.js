/**
 * A promise that is settled from outside or by an `AbortSignal`, and then leaves no listener on that signal.
 * @template T
 * @param {AbortSignal} [signal]
 * @param {() => void} [whenAborted] called before the promise is rejected with the signal's reason
 * @returns {{promise: Promise<T>, resolve: (value: T) => void, reject: (error: unknown) => void}}
 */
export function deferred(signal, whenAborted) {
  /** @type {(value: T) => void} */
  let resolve = () => {};
  /** @type {(error: unknown) => void} */
  let reject = () => {};
  /** @type {Promise<T>} */
  const promise = new Promise((fulfil, fail) => {
    resolve = fulfil;
    reject = fail;
  });
  const aborted = () => {
    whenAborted?.();
    reject(signal?.reason);
  };
  const release = () => signal?.removeEventListener('abort', aborted);
  if (signal?.aborted) aborted();
  else signal?.addEventListener('abort', aborted, { once: true });
  return {
    promise,
    resolve(value) {
      release();
      resolve(value);
    },
    reject(error) {
      release();
      reject(error);
    },
  };
}
