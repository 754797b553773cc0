/**
 * Against a real server in profile dev, whose address is in PARLEY_URL (http://localhost:8080):
 * `PARLEY_URL=… npm run test:server`.
 */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { createClient } from '../../parley.js';

const server = process.env.PARLEY_URL;
const options = { skip: !server && 'PARLEY_URL is not set', timeout: 60_000 };
const clients = [];
after(() => clients.forEach((client) => client.close()));

/** A name that no other run has. */
const unique = (name) => `${name}-${crypto.randomUUID()}`;

async function tokenOf(user) {
  const answer = await fetch(`${server}/dev/token?user=${user}&name=${user}`);
  return (await answer.json()).token;
}

/** A client whose sockets can be cut. */
function connected(user, more = {}) {
  const sockets = [];
  class Cut extends (globalThis.WebSocket ?? Object) {
    constructor(...args) {
      super(...args);
      sockets.push(this);
    }
  }
  const token = user ? () => tokenOf(user) : undefined;
  const client = createClient(server, { token, ...more, env: { WebSocket: Cut } });
  clients.push(client);
  client.connect();
  const cut = async () => {
    const socket = sockets.at(-1);
    const { onclose } = socket;
    socket.onclose = socket.onmessage = null;
    socket.close();
    onclose({ code: 1006, reason: '' });
  };
  return { client, cut };
}

/** Resolves with what the event brings, once it fits. */
function once(emitter, event, fits = () => true) {
  return new Promise((resolve) => {
    const off = emitter.on(event, (value) => {
      if (!fits(value)) return;
      off();
      resolve(value);
    });
  });
}

function collect(room) {
  const messages = [];
  room.on('messages', (batch) => messages.push(...batch));
  return messages;
}

async function until(condition) {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 10));
}

test('messages reach the others in order, JSON and binary', options, async () => {
  const name = unique('room');
  const [ann, bob] = ['ann', 'bob'].map((user) => connected(user).client.room(name));
  const got = collect(bob);
  bob.join();
  ann.join();
  await once(bob, 'joined');
  const receipt = await ann.send({ text: 'hi' }, { name: 'greeting' });
  await ann.send(new Uint8Array([1, 2, 3]));
  await until(() => got.length === 2);
  assert.deepEqual(got[0].position, receipt.position);
  assert.deepEqual([got[0].content, got[0].name, got[0].username], [{ text: 'hi' }, 'greeting', 'ann']);
  assert.deepEqual(got[1].content, new Uint8Array([1, 2, 3]));
  const { messages } = await ann.history();
  assert.deepEqual(messages.map((message) => message.content), [{ text: 'hi' }, new Uint8Array([1, 2, 3])]);
});

test('a client that was cut off resumes, and what it sent meanwhile is there once', options, async () => {
  const name = unique('room');
  const { client, cut } = connected('ann');
  const room = client.room(name);
  const other = connected('bob').client.room(name);
  const got = collect(room);
  room.join();
  other.join();
  await Promise.all([once(room, 'joined'), once(other, 'joined')]);
  await room.send(0);
  const inFlight = room.send(1);
  await cut();
  const [, offline] = await Promise.all([other.send('meanwhile'), room.send(2), inFlight]);
  assert.ok(offline.position.offset > 1);
  await until(() => got.length === 4);
  assert.deepEqual(got.map((message) => message.position.offset), [1, 2, 3, 4]);
  assert.deepEqual(got.map((message) => message.content).filter((content) => content !== 'meanwhile'), [0, 1, 2]);
});

test('sending faster than the rate keeps the order', options, async () => {
  const room = connected('ann').client.room(unique('room'));
  const got = collect(room);
  room.join();
  await Promise.all(Array.from({ length: 150 }, (_, i) => room.send(i)));
  await until(() => got.length === 150);
  assert.deepEqual(got.map((message) => message.content), Array.from({ length: 150 }, (_, i) => i));
});

test('a position of another epoch is announced as a gap', options, async () => {
  const room = connected('ann').client.room(unique('room'), { since: { epoch: 'unknown', offset: 5 } });
  const gap = once(room, 'gap');
  room.join();
  assert.deepEqual((await gap).from, { epoch: 'unknown', offset: 5 });
});

test('a bad token is refused with the code of the server', options, async () => {
  const { client } = connected(undefined, { token: 'a.b.c' });
  await assert.rejects(client.ready(), { code: 'token_invalid' });
  assert.equal(client.status.state, 'failed');
});

test('signals, typing and presence arrive', options, async () => {
  const name = unique('room');
  const [ann, bob] = ['ann', 'bob'].map((user) => connected(user).client.room(name));
  bob.join();
  await once(bob, 'joined');
  const joined = once(bob, 'userJoined', ({ user }) => user === 'ann');
  const signal = once(bob, 'signal');
  const typing = once(bob, 'typing', (typists) => typists.length === 1);
  ann.join();
  await once(ann, 'joined');
  ann.signal('move', { x: 1 });
  ann.typing();
  assert.equal((await joined).username, 'ann');
  assert.deepEqual((await signal).data, { x: 1 });
  assert.deepEqual((await typing)[0].user, 'ann');
});

test('read marks are told, and what is unread is counted', options, async () => {
  const name = unique('room');
  const { client } = connected('bob');
  const [ann, bob] = [connected('ann').client.room(name), client.room(name)];
  for (const room of [ann, bob]) {
    room.join();
    await once(room, 'joined');
  }
  for (const content of [1, 2, 3]) await ann.send(content);
  const read = once(ann, 'read', ({ user }) => user === 'bob');
  bob.markRead(2);
  assert.equal((await read).offset, 2);
  const [{ offset, read: mark, unread }] = await client.unread([name]);
  assert.deepEqual([offset, mark, unread], [3, 2, 1]);
  bob.markRead(99);
  await once(ann, 'read', ({ user, offset: moved }) => user === 'bob' && moved === 3);
  assert.equal(ann.reads.get('bob'), 3);
});

test('a round trip is measured, and rooms by the dozen are joined at once', options, async () => {
  const { client } = connected('ann');
  const rooms = Array.from({ length: 50 }, () => client.room(unique('room')));
  const joined = rooms.map((room) => once(room, 'joined'));
  for (const room of rooms) room.join();
  await Promise.all(joined);
  assert.ok((await client.ping()) < 5_000);
});
