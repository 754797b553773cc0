/** Error codes of the protocol that are worth another try by themselves (docs/PROTOCOL.md, "Error codes"). */
const RETRYABLE = new Set(['rate_limited', 'broker_unavailable', 'unconfirmed', 'internal']);

/** Everything that fails in this library is one of these. `code` is the protocol's, or one of the README's table. */
export class ParleyError extends Error {
  /**
   * @param {string} code
   * @param {string} message
   * @param {{retryable?: boolean, retryAfterMs?: number, path?: string, closeCode?: number, cause?: unknown}} [details]
   */
  constructor(code, message, details = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'ParleyError';
    /** @readonly */
    this.code = code;
    /** @readonly */
    this.retryable = details.retryable ?? false;
    /** @readonly */
    this.retryAfterMs = details.retryAfterMs;
    /** @readonly */
    this.path = details.path;
    /** @readonly */
    this.closeCode = details.closeCode;
  }
}

/** Thrown by a token function to say that there will be no token: the client stops and does not try again. */
export class Unauthorized extends ParleyError {
  constructor(message = 'There is no token for this user') {
    super('unauthorized', message);
    this.name = 'Unauthorized';
  }
}

/**
 * The error that a frame of type `error` tells.
 * @param {import('./codec.js').Frame} frame
 */
export function errorOf(frame) {
  const retryable = RETRYABLE.has(frame.code) || frame.retryAfterMs !== undefined;
  return new ParleyError(frame.code, frame.error, {
    retryable,
    retryAfterMs: frame.retryAfterMs,
    path: frame.path,
  });
}
