import { decode } from './codec.js';

/** Above this many bytes that the network has not taken yet, nothing more is handed to the socket. */
const WATERMARK = 64 * 1024;

/**
 * @typedef {object} TransportEvents
 * @property {(frame: import('./codec.js').Frame) => void} frame
 * @property {() => void} heard anything arrived
 * @property {(end: {opened: boolean, code: number, reason: string}) => void} ended not called after `abandon`
 */

/**
 * One WebSocket, from its constructor to its end. It tells nothing more once it is abandoned.
 *
 * The token travels as a second subprotocol, because a browser can set no header. `parley.v1` stands beside it: Chrome
 * drops a socket whose subprotocols were all declined.
 */
export class Transport {
  #socket;

  /**
   * @param {new (url: string, protocols: string[]) => WebSocket} constructor
   * @param {string} url
   * @param {string | null} token
   * @param {TransportEvents} events
   */
  constructor(constructor, url, token, events) {
    let opened = false;
    /** @type {(code: number, reason: string) => void} */
    const end = (code, reason) => {
      this.abandon();
      events.ended({ opened, code, reason });
    };
    const protocols = token ? ['parley.v1', `bearer.${token}`] : ['parley.v1'];
    const socket = new constructor(url, protocols);
    this.#socket = socket;
    // Blobs are read asynchronously, so that a later frame may overtake an earlier one.
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => {
      opened = true;
    };
    socket.onmessage = ({ data }) => {
      events.heard();
      let frame;
      try {
        frame = decode(data);
      } catch {
        // Ignored, it might be a message that nobody would miss.
        end(1006, 'a frame that cannot be read');
        return;
      }
      if (frame) events.frame(frame);
    };
    socket.onclose = ({ code, reason }) => end(code, reason);
    // Node 20 gives no `close` if the handshake is refused. Elsewhere, `error` says nothing that `close` does not say.
    socket.onerror = () => opened || end(1006, '');
  }

  /** @param {string | Uint8Array} data */
  send(data) {
    this.#socket.send(/** @type {any} */ (data));
  }

  get writable() {
    return this.#socket.bufferedAmount <= WATERMARK;
  }

  /** Ends it from our side, without waiting for a closing handshake that may never be answered. */
  abandon() {
    const socket = this.#socket;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.onerror = () => {};
    socket.close(1000);
  }
}
