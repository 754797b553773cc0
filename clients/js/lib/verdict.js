import { ParleyError } from './errors.js';

/**
 * What follows from the end of a connection or of an attempt.
 * @typedef {object} Verdict
 * @property {'retry' | 'stop' | 'rest'} then `rest`: connect again when there is a reason to
 * @property {ParleyError} error
 * @property {'expiring' | 'rejected'} [token] the token is of no use any more, and why
 * @property {boolean} [slow] back off by seconds
 * @property {number} [afterMs] not before
 */

/** @type {Record<number, [code: string, text: string]>} */
const CLOSES = {
  1002: ['protocol_error', 'The server found a violation of the protocol'],
  1003: ['protocol_error', 'The server does not support such data'],
  1007: ['protocol_error', 'The server found invalid UTF-8'],
  1008: ['token_invalid', 'The server does not accept the token'],
  1009: ['too_large', 'A message was larger than the server takes'],
  1011: ['internal', 'The server failed'],
  1012: ['restarting', 'The server restarts'],
  1013: ['overloaded', 'The server is overloaded'],
  4000: ['heartbeat_missed', 'The server heard nothing for too long'],
  4001: ['too_slow', 'This client was too slow'],
  4002: ['token_expired', 'The token has expired'],
  4003: ['flooding', 'This client sent too much'],
  4004: ['idle', 'The connection was in no room for too long'],
  4500: ['disconnected', 'An operator ended the connection'],
  4501: ['banned', 'The user is banned'],
  4502: ['replaced', 'A newer connection of the user took its place'],
};
const FINAL = new Set([1002, 1003, 1007, 1009]);
const SLOW = new Set([1011, 1013, 4003]);

/**
 * docs/PROTOCOL.md, "Close codes". An unknown code counts by its range.
 * @param {number} closeCode
 * @param {string} reason
 * @returns {Verdict}
 */
export function ofClose(closeCode, reason) {
  const [code, text] = CLOSES[closeCode] ?? ['connection_lost', 'The connection was lost'];
  const final = FINAL.has(closeCode) || (closeCode >= 4500 && closeCode <= 4999);
  const message = `${text} (${closeCode}${reason ? ` ${reason}` : ''})`;
  const error = new ParleyError(code, message, { closeCode, retryable: !final });
  if (final) return { then: 'stop', error };
  if (closeCode === 4004) return { then: 'rest', error };
  if (closeCode === 1008) return { then: 'retry', error, token: 'rejected' };
  if (closeCode === 4002) return { then: 'retry', error, token: 'expiring' };
  return { then: 'retry', error, slow: SLOW.has(closeCode) };
}

/**
 * Why a handshake was refused. A browser keeps that from scripts, but the same GET without an upgrade answers it.
 * @param {import('./env.js').Env} env
 * @param {string} url of the WebSocket
 * @param {string | null} token
 * @param {AbortSignal} signal
 * @returns {Promise<Verdict>}
 */
export async function ofHandshake(env, url, token, signal) {
  /** @type {Response | undefined} */
  let answer;
  try {
    answer = await env.fetch?.(url.replace(/^ws/, 'http'), {
      headers: token ? { Authorization: `Bearer ${token}` } : {},
      cache: 'no-store',
      signal,
    });
  } catch {
    // Unreachable, or not readable from this origin: no verdict.
  }
  if (!answer) {
    const error = new ParleyError('unreachable', 'The server cannot be reached', { retryable: true });
    // Without fetch nobody can tell whether it was the token.
    return { then: 'retry', error, token: env.fetch ? undefined : 'rejected' };
  }
  const problem = await answer.json().catch(() => ({}));
  return ofAnswer(answer, problem ?? {});
}

/**
 * @param {Response} answer
 * @param {{code?: string, detail?: string, title?: string, retryAfterMs?: number}} problem
 * @returns {Verdict}
 */
function ofAnswer(answer, problem) {
  const { status } = answer;
  const seconds = Number(answer.headers.get('Retry-After'));
  const retryAfterMs = problem.retryAfterMs ?? (seconds > 0 ? seconds * 1000 : undefined);
  const text = problem.detail ?? problem.title ?? `HTTP ${status}`;
  /** @type {(code: string, retryable: boolean) => ParleyError} */
  const error = (code, retryable) => new ParleyError(problem.code ?? code, text, { retryable, retryAfterMs });
  switch (status) {
    case 400:
      return { then: 'stop', error: error('bad_request', false) };
    case 401:
      return { then: 'retry', error: error('unauthorized', true), token: 'rejected' };
    case 403:
      return { then: 'stop', error: error('forbidden', false) };
    case 426:
      // The server would have taken us, so something in between does not let WebSockets through.
      return { then: 'retry', error: new ParleyError('blocked', 'The WebSocket was blocked on its way', { retryable: true }) };
    default:
      return { then: 'retry', error: error('refused', true), afterMs: retryAfterMs };
  }
}
