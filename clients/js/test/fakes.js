import assert from 'node:assert/strict';
import { createClient } from '../lib/client.js';

/** Lets everything run that only waits for promises. */
export async function settle() {
  for (let i = 0; i < 3; i++) await new Promise((resolve) => setImmediate(resolve));
}

/** A clock that moves when it is told to. With `granularity`, timers fire as in a hidden page: on the minute. */
export class FakeClock {
  time = 1_000_000;
  wall = 1_700_000_000_000;
  granularity = 1;
  #timers = new Map();
  #ids = 0;

  now = () => this.time;
  wallClock = () => this.wall;
  setTimeout = (fn, ms) => {
    const id = ++this.#ids;
    const at = this.time + Math.max(0, ms);
    this.#timers.set(id, { id, fn, at: Math.ceil(at / this.granularity) * this.granularity });
    return id;
  };
  clearTimeout = (id) => this.#timers.delete(id);

  get pending() {
    return this.#timers.size;
  }

  async advance(ms) {
    const end = this.time + ms;
    await settle();
    for (;;) {
      const due = [...this.#timers.values()].filter((timer) => timer.at <= end);
      if (due.length === 0) break;
      const next = due.reduce((a, b) => (b.at < a.at || (b.at === a.at && b.id < a.id) ? b : a));
      this.#move(Math.max(this.time, next.at));
      this.#timers.delete(next.id);
      next.fn();
      await settle();
    }
    this.#move(end);
  }

  /** The machine sleeps: nothing runs, and timers that were due are overdue. */
  sleep(ms) {
    this.#move(this.time + ms);
  }

  #move(to) {
    this.wall += to - this.time;
    this.time = to;
  }
}

/** The server's side of one socket. */
class Peer {
  /** Frames of the client, in order: objects, or Uint8Array. */
  frames = [];
  closedByClient = false;

  constructor(socket, url, protocols) {
    this.socket = socket;
    this.url = url;
    this.protocols = protocols;
  }

  get live() {
    return !this.closedByClient && this.socket.readyState <= 1;
  }

  get token() {
    return this.protocols.find((protocol) => protocol.startsWith('bearer.'))?.slice(7);
  }

  open() {
    this.socket.readyState = 1;
    this.socket.protocol = 'parley.v1';
    this.socket.onopen?.({});
  }

  welcome(fields = {}) {
    this.open();
    this.push({
      type: 'welcome', connection: 'c', user: 'ann', username: 'Ann', protocol: 1, heartbeatMs: 25_000,
      limits: { messageBytes: 65_536, rooms: 100, messagesPerSecond: 50 }, ...fields,
    });
  }

  push(...frames) {
    for (const frame of frames) {
      const data = frame instanceof Uint8Array ? frame.slice().buffer : JSON.stringify(frame);
      this.socket.onmessage?.({ data });
    }
  }

  /** The connection ends: by the server with a code, or by the network. */
  close(code = 1006, reason = '') {
    this.socket.readyState = 3;
    this.socket.onclose?.({ code, reason, wasClean: code !== 1006 });
  }

  /** The client's frames of a type, and none that were taken before. */
  take(type) {
    const taken = this.frames.filter((frame) => frame.type === type);
    this.frames = this.frames.filter((frame) => frame.type !== type);
    return taken;
  }

  one(type) {
    const taken = this.take(type);
    assert.equal(taken.length, 1, `one ${type}, not ${JSON.stringify(taken)}`);
    return taken[0];
  }

  /** Answers the only join under way, from the epoch and offset given, with what is to be replayed. */
  joined(room, { epoch = 'e1', offset = 0, replay = 0, ...fields } = {}) {
    const join = this.one('join');
    assert.ok(join.rooms.some((each) => each.room === room), `${room} is joined`);
    this.push({ type: 'joined', ref: join.ref, room, epoch, offset, replay, members: 1, ...fields });
    return join;
  }
}

/** A client in a world without network: its sockets, its page, its clock and its chance. */
export class World {
  clock = new FakeClock();
  peers = [];
  verdicts = [];
  window = new EventTarget();
  document = Object.assign(new EventTarget(), { visibilityState: 'visible' });
  /** What happens to each new socket. */
  onSocket = () => {};
  /** What GET /ws answers. */
  verdict = () => Promise.reject(new TypeError('fetch failed'));
  random = () => 0.5;

  constructor(options = {}) {
    const world = this;
    class FakeWebSocket {
      readyState = 0;
      bufferedAmount = 0;
      binaryType = 'blob';

      constructor(url, protocols) {
        this.peer = new Peer(this, url, protocols);
        assert.ok(world.peers.every((peer) => !peer.live), 'never more than one socket');
        world.peers.push(this.peer);
        queueMicrotask(() => world.onSocket(this.peer));
      }

      send(data) {
        assert.equal(this.readyState, 1, 'sends on an open socket only');
        this.peer.frames.push(typeof data === 'string' ? JSON.parse(data) : data);
      }

      close(code) {
        assert.ok(code === undefined || code === 1000, 'a browser allows no other code');
        this.peer.closedByClient = true;
        this.readyState = 2;
      }
    }
    const { env, ...rest } = options;
    this.client = createClient('https://parley.test', {
      ...rest,
      env: {
        WebSocket: FakeWebSocket,
        fetch: (url, init) => {
          this.verdicts.push({ url, headers: init.headers });
          return this.verdict(url, init);
        },
        now: this.clock.now,
        wallClock: this.clock.wallClock,
        random: () => this.random(),
        setTimeout: this.clock.setTimeout,
        clearTimeout: this.clock.clearTimeout,
        document: this.document,
        window: this.window,
        ...env,
      },
    });
  }

  get peer() {
    return this.peers.at(-1);
  }

  get state() {
    return this.client.status.state;
  }

  /** Connects and is welcomed. */
  async open(welcome) {
    this.client.connect();
    await settle();
    this.peer.welcome(welcome);
    await settle();
    return this.peer;
  }

  /** Loses the connection, and is welcomed on the next one. */
  async reopen(welcome, code) {
    await this.drop(code);
    this.peer.welcome(welcome);
    await settle();
    return this.peer;
  }

  /** Loses the connection, and waits until the next socket is there. */
  async drop(code) {
    const { length } = this.peers;
    this.peer.close(code);
    for (let i = 0; i < 400 && this.peers.length === length; i++) await this.clock.advance(100);
    assert.equal(this.peers.length, length + 1, 'a new socket');
  }

  answer(status, problem = {}, headers = {}) {
    this.verdict = async () => new Response(JSON.stringify(problem), { status, headers });
  }

  show() {
    this.document.dispatchEvent(new Event('visibilitychange'));
  }
}

/** A message as the server sends it. */
export function message(room, offset, content, fields = {}) {
  return { type: 'message', room, offset, user: 'bob', username: 'Bob', content, timestamp: 1, ...fields };
}

/** Everything that a listener heard. */
export function heard(emitter, event) {
  const events = [];
  emitter.on(event, (value) => events.push(value));
  return events;
}

/** The contents of all messages that a room delivers. */
export function contents(room) {
  const all = [];
  room.on('messages', (messages) => all.push(...messages.map((each) => each.content)));
  return all;
}

/** What became of a promise so far. */
export function watch(promise) {
  const outcome = { state: 'pending' };
  promise.then(
    (value) => Object.assign(outcome, { state: 'resolved', value }),
    (error) => Object.assign(outcome, { state: 'rejected', error, code: error?.code }),
  );
  return outcome;
}
