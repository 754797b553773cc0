/**
 * A frame as docs/PROTOCOL.md has it. Its fields depend on its type, and servers may add some.
 * @typedef {{type: string, [field: string]: any}} Frame
 */

const MESSAGE = 1;
const SIGNAL = 2;
const utf8 = new TextEncoder();
const text = new TextDecoder();

/**
 * @param {'message' | 'signal'} type
 * @param {string} room
 * @param {string} id '' for none
 * @param {Uint8Array} payload
 */
export function encodeBinary(type, room, id, payload) {
  const head = [room, id].map((name) => utf8.encode(name));
  const bytes = new Uint8Array(3 + head[0].length + head[1].length + payload.length);
  bytes[0] = type === 'message' ? MESSAGE : SIGNAL;
  let at = 1;
  for (const name of head) {
    bytes[at] = name.length;
    bytes.set(name, at + 1);
    at += 1 + name.length;
  }
  bytes.set(payload, at);
  return bytes;
}

/**
 * A message as it goes on the wire. Throws if the content is nothing that can.
 * @param {{room: string, id: string, name?: string, key?: string, content: unknown}} message
 */
export function encodeMessage({ room, id, name, key, content }) {
  if (content instanceof Uint8Array) {
    if (name !== undefined || key !== undefined) throw new TypeError('A binary message has no name and no key');
    return encodeBinary('message', room, id, content);
  }
  // JSON leaves these out, and a message without content is refused.
  if (['undefined', 'function', 'symbol'].includes(typeof content)) {
    throw new TypeError('The content must be a JSON value or a Uint8Array');
  }
  return JSON.stringify({ type: 'message', room, id, name, key, content });
}

/**
 * What arrived on a socket, or null if it is nothing that this version knows.
 * @param {unknown} data
 * @returns {Frame | null}
 */
export function decode(data) {
  if (typeof data === 'string') {
    const frame = JSON.parse(data);
    return typeof frame?.type === 'string' ? frame : null;
  }
  return data instanceof ArrayBuffer ? decodeBinary(data) : null;
}

/** @param {ArrayBuffer} buffer */
function decodeBinary(buffer) {
  const bytes = new Uint8Array(buffer);
  if (bytes[0] !== MESSAGE && bytes[0] !== SIGNAL) return null;
  let at = 1;
  const name = () => {
    const start = at + 1;
    at = start + bytes[at];
    return text.decode(bytes.subarray(start, at));
  };
  const room = name();
  const offset = Number(new DataView(buffer).getBigUint64(at));
  at += 8;
  const user = name();
  const id = name() || undefined;
  const payload = bytes.slice(at);
  return bytes[0] === MESSAGE
    ? { type: 'message', room, offset, user, id, content: payload }
    : { type: 'signal', room, user, data: payload };
}

/**
 * How many bytes a frame has on the wire.
 * @param {string | Uint8Array} frame
 */
export function sizeOf(frame) {
  return typeof frame === 'string' ? utf8.encode(frame).length : frame.length;
}

/**
 * The bytes of a binary message in a `history` frame.
 * @param {string} base64
 */
export function fromBase64(base64) {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}
