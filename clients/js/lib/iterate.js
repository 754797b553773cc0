import { ParleyError } from './errors.js';

/** A loop that is this many messages behind ends with an error: memory is not without bound. */
const BACKLOG = 10_000;

/**
 * Iterates over the messages of a room, and is in it meanwhile. A loop that only saw messages would not know what it
 * missed, so a gap and a refusal end it with an error.
 * @param {import('./room.js').Room} room
 * @param {AbortSignal} [signal]
 * @returns {AsyncGenerator<import('../parley.js').Message<any>, void, void>}
 */
export async function* iterate(room, signal) {
  signal?.throwIfAborted();
  /** @type {import('../parley.js').Message<any>[]} */
  let queue = [];
  /** @type {{error: unknown} | undefined} */
  let end;
  let wake = () => {};
  /** @param {unknown} error */
  const endWith = (error) => {
    end ??= { error };
    wake();
  };
  const aborted = () => endWith(signal?.reason);
  const offs = [
    room.on('messages', (messages) => {
      if (end) return;
      for (const message of messages) queue.push(message);
      if (queue.length > BACKLOG) endWith(new ParleyError('too_slow', 'The loop is too far behind'));
      wake();
    }),
    room.on('gap', () => endWith(new ParleyError('gap', 'Messages were missed'))),
    room.on('refused', (error) => error.retryable || endWith(error)),
    room.on('ended', endWith),
    room.join(),
  ];
  signal?.addEventListener('abort', aborted);
  try {
    for (;;) {
      const batch = queue;
      queue = [];
      yield* batch;
      if (queue.length > 0) continue;
      if (end) throw end.error;
      await new Promise((resolve) => {
        wake = () => resolve(undefined);
      });
    }
  } finally {
    signal?.removeEventListener('abort', aborted);
    for (const off of offs) off();
  }
}
