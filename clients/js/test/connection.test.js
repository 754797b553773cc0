import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Backoff } from '../lib/backoff.js';
import { createClient } from '../lib/client.js';
import { World, heard, settle, watch } from './fakes.js';

test('creating a client opens nothing', async () => {
  const world = new World();
  await world.clock.advance(60_000);
  assert.equal(world.peers.length, 0);
  assert.equal(world.state, 'idle');
});

test('the address is /ws of the server, with the subprotocol and the token beside it', async () => {
  const world = new World({ token: 'a.b.c' });
  await world.open();
  assert.equal(world.peer.url, 'wss://parley.test/ws');
  assert.deepEqual(world.peer.protocols, ['parley.v1', 'bearer.a.b.c']);
});

test('a client can be created where there is no WebSocket, and says so when it connects', async () => {
  const client = createClient('ws://parley.test/ws', { env: { WebSocket: undefined } });
  if (globalThis.WebSocket) return client.close();
  client.connect();
  await settle();
  assert.deepEqual([client.status.state, client.status.code], ['failed', 'unsupported']);
});

test('2: a socket that never gives a sign is discarded by the watchdog', async () => {
  const world = new World();
  world.client.connect();
  await world.clock.advance(9_999);
  assert.equal(world.state, 'connecting');
  await world.clock.advance(1);
  assert.deepEqual([world.state, world.client.status.code], ['waiting', 'connect_timeout']);
  assert.ok(world.peers[0].closedByClient);
  await world.clock.advance(500);
  assert.equal(world.peers.length, 2);
});

test('25: the connection is open only after welcome, and a silent server is left', async () => {
  const world = new World();
  world.client.connect();
  await settle();
  world.peer.open();
  const ready = watch(world.client.ready());
  await settle();
  assert.deepEqual([world.state, ready.state], ['connecting', 'pending']);
  await world.clock.advance(10_400);
  assert.equal(world.peers.length, 2);
  world.peer.welcome();
  await settle();
  assert.deepEqual([world.state, ready.state], ['open', 'resolved']);
});

test('5: 500 failures are followed by a success', async () => {
  const world = new World();
  world.onSocket = (peer) => (world.peers.length <= 500 ? peer.close() : peer.welcome());
  world.client.connect();
  for (let i = 0; i < 600 && world.state !== 'open'; i++) await world.clock.advance(30_000);
  assert.equal(world.state, 'open');
  assert.equal(world.peers.length, 501);
});

test('the number of attempts can be bounded', async () => {
  const world = new World({ backoff: { attempts: 3 } });
  world.onSocket = (peer) => peer.close();
  world.client.connect();
  const ready = watch(world.client.ready());
  await world.clock.advance(600_000);
  assert.equal(world.peers.length, 4);
  assert.deepEqual([world.state, ready.code], ['failed', 'unreachable']);
});

test('6: a client that was closed stays closed, whatever wakes up', async () => {
  const world = new World();
  await world.open();
  world.client.close();
  world.show();
  world.window.dispatchEvent(new Event('online'));
  world.window.dispatchEvent(new Event('pagehide'));
  world.window.dispatchEvent(new Event('pageshow'));
  await world.clock.advance(600_000);
  assert.equal(world.peers.length, 1);
  assert.equal(world.state, 'closed');
  assert.equal(world.clock.pending, 0);
});

test('6: closed while waiting and while connecting, it stays closed', async () => {
  const world = new World();
  await world.open();
  world.peer.close();
  world.client.close();
  await world.clock.advance(60_000);
  world.client.connect();
  world.client.close();
  await world.clock.advance(60_000);
  assert.equal(world.peers.filter((peer) => peer.live).length, 0);
  assert.equal(world.state, 'closed');
});

test('7: pagehide closes the socket, and the page that comes back resumes', async () => {
  const world = new World();
  await world.open();
  world.window.dispatchEvent(new Event('pagehide'));
  assert.ok(world.peers[0].closedByClient);
  await world.clock.advance(600_000);
  assert.equal(world.peers.length, 1);
  world.window.dispatchEvent(Object.assign(new Event('pageshow'), { persisted: true }));
  await settle();
  world.peer.welcome();
  assert.equal(world.state, 'open');
});

test('8: navigator.onLine is not asked', async () => {
  const world = new World();
  Object.defineProperty(globalThis, 'navigator', { value: { onLine: false }, configurable: true });
  await world.open();
  assert.equal(world.state, 'open');
});

test('coming online ends the wait', async () => {
  const world = new World();
  await world.open();
  world.peer.close();
  await settle();
  assert.equal(world.state, 'waiting');
  world.window.dispatchEvent(new Event('online'));
  assert.equal(world.state, 'connecting');
});

test('9: a hundred clients at the limit are spread over all of it', () => {
  const delays = Array.from({ length: 100 }, (_, i) => {
    const backoff = new Backoff({}, () => i / 100);
    for (let n = 0; n < 20; n++) backoff.next();
    return backoff.next();
  });
  assert.ok(Math.min(...delays) < 1_000 && Math.max(...delays) > 29_000);
  for (let second = 0; second < 30; second += 5) {
    const there = delays.filter((delay) => delay >= second * 1000 && delay < (second + 5) * 1000).length;
    assert.ok(there >= 10 && there <= 25, `${there} in 5 s`);
  }
});

test('the backoff doubles from 500 ms to 30 s', () => {
  const backoff = new Backoff({}, () => 1);
  const limits = Array.from({ length: 8 }, () => backoff.next());
  assert.deepEqual(limits, [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
});

test('10: nothing loops without a pause, even if chance is always 0', async () => {
  const ends = {
    refused: (peer) => peer.close(),
    'closed at once': (peer) => (peer.welcome(), peer.close(1012)),
    'token of no use': (peer) => (peer.welcome(), peer.close(1008)),
    'token expired': (peer) => (peer.welcome(), peer.close(4002)),
  };
  for (const [name, end] of Object.entries(ends)) {
    const world = new World({ token: async () => 't' });
    world.random = () => 0;
    world.onSocket = end;
    world.client.connect();
    await world.clock.advance(500);
    assert.ok(world.peers.length >= 2 && world.peers.length <= 6, `${name}: ${world.peers.length} attempts in 500 ms`);
  }
});

test('10: a token function that fails is asked again with pauses', async () => {
  let calls = 0;
  const world = new World({
    token: async () => {
      calls++;
      throw new Error('login is down');
    },
  });
  world.client.connect();
  await world.clock.advance(500);
  assert.ok(calls >= 1 && calls <= 3, `${calls} calls`);
  assert.equal(world.client.status.code, 'token_failed');
  await world.clock.advance(600_000);
  assert.ok(calls > 10);
});

test('11: what belongs to an abandoned attempt is ignored', async () => {
  const world = new World();
  world.client.connect();
  await world.clock.advance(10_000); // the watchdog abandons the first
  await world.clock.advance(500);
  const [first, second] = world.peers;
  first.welcome();
  first.close();
  assert.equal(world.state, 'connecting');
  second.welcome();
  assert.equal(world.state, 'open');
});

const codes = [
  [1000, 'waiting', 'connection_lost'], [1001, 'waiting', 'connection_lost'], [1006, 'waiting', 'connection_lost'],
  [1002, 'failed', 'protocol_error'], [1003, 'failed', 'protocol_error'], [1007, 'failed', 'protocol_error'],
  [1009, 'failed', 'too_large'],
  [1011, 'waiting', 'internal'], [1012, 'waiting', 'restarting'], [1013, 'waiting', 'overloaded'],
  [4000, 'waiting', 'heartbeat_missed'], [4001, 'waiting', 'too_slow'], [4003, 'waiting', 'flooding'],
  [4004, 'idle', 'idle'], [4499, 'waiting', 'connection_lost'],
  [4500, 'failed', 'disconnected'], [4501, 'failed', 'banned'], [4502, 'failed', 'replaced'],
  [4999, 'failed', 'connection_lost'],
];
for (const [closeCode, state, code] of codes) {
  test(`12: close code ${closeCode} leads to ${state}`, async () => {
    const world = new World();
    const errors = heard(world.client, 'error');
    await world.open();
    await world.clock.advance(6_000);
    world.peer.close(closeCode);
    await settle();
    assert.deepEqual([world.state, world.client.status.code], [state, code]);
    if (state !== 'idle') assert.equal(errors[0].closeCode, closeCode);
    await world.clock.advance(60_000);
    assert.equal(world.peers.length > 1, state === 'waiting');
  });
}

test('after a close code that asks to back off, the pause is seconds', async () => {
  for (const code of [1011, 1013, 4003]) {
    const world = new World();
    await world.open();
    world.peer.close(code);
    const wait = world.client.status.nextAttemptAt - world.clock.now();
    assert.ok(wait > 1_500 && wait <= 4_000, `${code}: ${wait} ms`);
  }
});

test('a connection that rests because it is in no room comes back for one', async () => {
  const world = new World();
  await world.open();
  world.peer.close(4004);
  world.client.room('lobby').join();
  await settle();
  assert.equal(world.state, 'connecting');
});

test('a drained connection is used until its time, and is then replaced without a failure', async () => {
  const world = new World();
  await world.open();
  await world.clock.advance(10_000);
  world.peer.push({ type: 'reconnect', afterMs: 7_000, reason: 'drain' });
  await world.clock.advance(6_999);
  assert.equal(world.state, 'open');
  await world.clock.advance(1);
  assert.equal(world.peers.length, 2);
});

test('a drained connection that ends early comes back exactly when it was told, and not before', async () => {
  const world = new World();
  await world.open();
  world.peer.push({ type: 'reconnect', afterMs: 7_000, reason: 'drain' });
  world.peer.close(1012);
  world.show();
  world.client.connect();
  await world.clock.advance(6_999);
  assert.equal(world.peers.length, 1);
  await world.clock.advance(1);
  assert.equal(world.peers.length, 2);
});

test('a page that hides during a drain comes back at its time', async () => {
  const world = new World();
  await world.open();
  world.peer.push({ type: 'reconnect', afterMs: 7_000, reason: 'drain' });
  world.peer.close(1012);
  world.window.dispatchEvent(new Event('pagehide'));
  world.window.dispatchEvent(new Event('pageshow'));
  await world.clock.advance(6_999);
  assert.equal(world.peers.length, 1);
  await world.clock.advance(1);
  assert.equal(world.peers.length, 2);
});

test('a refused handshake asks for the verdict with the token', async () => {
  const world = new World({ token: 'a.b.c' });
  world.answer(403, { detail: 'The origin is not allowed' });
  world.client.connect();
  await settle();
  world.peer.close();
  await settle();
  assert.equal(world.verdicts[0].url, 'https://parley.test/ws');
  assert.equal(world.verdicts[0].headers.Authorization, 'Bearer a.b.c');
  assert.deepEqual([world.state, world.client.status.code], ['failed', 'forbidden']);
});

test('a verdict with a time is obeyed, whatever wakes up, and spread', async () => {
  const answers = [
    [503, { retryAfterMs: 20_000 }, {}],
    [429, {}, { 'Retry-After': '20' }],
  ];
  for (const [status, problem, headers] of answers) {
    const world = new World();
    world.answer(status, problem, headers);
    world.client.connect();
    await settle();
    world.peer.close();
    await settle();
    assert.equal(world.state, 'waiting');
    world.show();
    world.client.connect();
    await world.clock.advance(20_000);
    assert.equal(world.peers.length, 1);
    await world.clock.advance(500);
    assert.equal(world.peers.length, 2);
  }
});

test('a handshake that fails with an error alone is refused as well', async () => {
  const world = new World();
  world.answer(403);
  world.client.connect();
  await settle();
  world.peer.socket.onerror({});
  await settle();
  assert.equal(world.client.status.code, 'forbidden');
});

test('a WebSocket that something in between blocks is named so', async () => {
  const world = new World();
  world.answer(426);
  world.client.connect();
  await settle();
  world.peer.close();
  await settle();
  assert.deepEqual([world.state, world.client.status.code], ['waiting', 'blocked']);
});

test('a verdict that never comes is not waited for', async () => {
  const world = new World();
  world.verdict = () => new Promise(() => {});
  world.client.connect();
  await settle();
  world.peer.close();
  await world.clock.advance(10_500);
  assert.equal(world.peers.length, 2);
});

test('a good connection makes the next failure the first again', async () => {
  const world = new World();
  world.onSocket = (peer) => (world.peers.length < 8 ? peer.close() : peer.welcome());
  world.client.connect();
  await world.clock.advance(200_000);
  assert.equal(world.state, 'open');
  world.onSocket = () => {};
  world.peer.close();
  assert.ok(world.client.status.nextAttemptAt - world.clock.now() <= 500);
});

test('status tells the next attempt, and whether the server takes messages', async () => {
  const world = new World();
  const statuses = heard(world.client, 'status');
  await world.open();
  world.peer.push({ type: 'status', publishing: false, reason: 'broker' });
  assert.equal(world.client.status.publishing, false);
  world.peer.close();
  assert.ok(world.client.status.nextAttemptAt > world.clock.now());
  assert.deepEqual(statuses.map((status) => status.state), ['connecting', 'open', 'open', 'waiting']);
});

test('ping gives the round trip, and settles if the connection is lost', async () => {
  const world = new World();
  await world.open();
  const ping = watch(world.client.ping());
  const lost = watch(world.client.ping());
  await settle();
  const [first] = world.peer.take('ping');
  await world.clock.advance(40);
  world.peer.push({ type: 'pong', ref: first.ref, timestamp: 1 });
  world.peer.close();
  await settle();
  assert.equal(ping.value, 40);
  assert.equal(lost.code, 'connection_lost');
});

test('24: an aborted wait is rejected and leaves no listener', async () => {
  const world = new World();
  const abort = new AbortController();
  let listeners = 0;
  const { signal } = abort;
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (...args) => (listeners++, add(...args));
  signal.removeEventListener = (...args) => (listeners--, remove(...args));
  world.client.connect();
  const first = watch(world.client.ready({ signal }));
  await settle();
  world.peer.welcome();
  await settle();
  assert.deepEqual([first.state, listeners], ['resolved', 0]);
  const second = watch(world.client.ping({ signal }));
  await settle();
  abort.abort(new Error('enough'));
  await settle();
  assert.equal(second.error.message, 'enough');
  assert.equal(listeners, 1); // the aborted one: `once`
});

test('a frame that cannot be read ends the connection', async () => {
  const world = new World();
  await world.open();
  world.peer.socket.onmessage({ data: '{"type":' });
  assert.equal(world.state, 'waiting');
  assert.ok(world.peer.closedByClient);
});

test('a listener that throws keeps no other from the event', async () => {
  const world = new World();
  const thrown = [];
  const earlier = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException');
  process.on('uncaughtException', (error) => thrown.push(error.message));
  world.client.on('status', () => {
    throw new Error('mine');
  });
  const statuses = heard(world.client, 'status');
  await world.open();
  process.removeAllListeners('uncaughtException');
  for (const listener of earlier) process.on('uncaughtException', listener);
  assert.equal(statuses.length, 2);
  assert.deepEqual(thrown, ['mine', 'mine']);
});
