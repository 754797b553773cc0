import assert from 'node:assert/strict';
import { test } from 'node:test';
import { World, contents, heard, message, settle, watch } from './fakes.js';

const MINUTE = 60_000;

/** A world in a room, with nothing in it. */
async function inRoom(options, welcome) {
  const world = new World(options);
  const room = world.client.room('lobby');
  room.join();
  await world.open(welcome);
  world.peer.joined('lobby');
  await settle();
  return { world, room, peer: world.peer };
}

function ack(peer, sent, offset, fields = {}) {
  peer.push({ type: 'ack', id: sent.id, room: 'lobby', offset, epoch: 'e1', timestamp: 1, ...fields });
}

/** The time passes, and the server is heard. */
async function pass(world, ms) {
  for (let left = ms; left > 0; left -= 10_000) {
    await world.clock.advance(Math.min(left, 10_000));
    world.peer.push({ type: 'pong', timestamp: 1 });
  }
}

/** The connection is lost and stands again, and the room has this to replay. */
async function resumed(world, joined, replay = [], welcome) {
  await world.reopen(welcome);
  world.peer.joined('lobby', { replay: replay.length, recovered: true, ...joined });
  world.peer.push(...replay);
  await settle();
}

test('a send resolves with its position once it is acknowledged', async () => {
  const { room, peer } = await inRoom();
  const sent = watch(room.send({ text: 'hi' }, { name: 'greeting', key: 'k' }));
  const frame = peer.one('message');
  assert.deepEqual({ ...frame, id: '' }, { type: 'message', room: 'lobby', id: '', name: 'greeting', key: 'k', content: { text: 'hi' } });
  ack(peer, frame, 7, { duplicate: true });
  await settle();
  assert.deepEqual(sent.value, { id: frame.id, position: { epoch: 'e1', offset: 7 }, duplicate: true });
  assert.deepEqual(room.outbox, []);
});

test('null is a content, and undefined is none', async () => {
  const { room, peer } = await inRoom();
  room.send(null).catch(() => {});
  assert.equal(peer.one('message').content, null);
  for (const content of [undefined, () => {}, 1n]) await assert.rejects(room.send(content), TypeError);
  const loop = {};
  loop.self = loop;
  await assert.rejects(room.send(loop), TypeError);
  assert.equal(room.outbox.length, 1);
});

test('what is sent is what the content was when it was sent', async () => {
  const world = new World();
  const room = world.client.room('lobby');
  const content = { text: 'before' };
  room.join();
  room.send(content).catch(() => {});
  content.text = 'after';
  await world.open();
  world.peer.joined('lobby');
  assert.equal(world.peer.one('message').content.text, 'before');
});

test('messages leave one at a time, in order, also those from before the connection', async () => {
  const world = new World();
  const room = world.client.room('lobby');
  room.join();
  for (const text of ['a', 'b', 'c']) room.send(text);
  await world.open();
  assert.equal(world.peer.take('message').length, 0, 'not before the room is caught up');
  world.peer.joined('lobby');
  for (const [i, text] of ['a', 'b', 'c'].entries()) {
    const frame = world.peer.one('message');
    assert.equal(frame.content, text);
    ack(world.peer, frame, i + 1);
    await settle();
  }
  assert.deepEqual(room.outbox, []);
});

test('22, 23: a connection that is cut before the ack sends the same id again after resuming, in order', async () => {
  const { world, room, peer } = await inRoom();
  const first = watch(room.send('a'));
  const second = watch(room.send('b'));
  const { id } = peer.one('message');
  assert.deepEqual(room.outbox.map((each) => each.state), ['sending', 'queued']);
  await world.reopen();
  assert.deepEqual(room.outbox.map((each) => each.state), ['queued', 'queued']);
  assert.equal(world.peer.take('message').length, 0, 'not before the replay was seen');
  world.peer.joined('lobby', { recovered: true });
  const again = world.peer.one('message');
  assert.equal(again.id, id);
  ack(world.peer, again, 1, { duplicate: true });
  await settle();
  ack(world.peer, world.peer.one('message'), 2);
  await settle();
  assert.deepEqual([first.value.duplicate, second.state], [true, 'resolved']);
});

test('a message that is seen in the replay is not sent again', async () => {
  const { world, room, peer } = await inRoom();
  const got = contents(room);
  const sent = watch(room.send('a'));
  const { id } = peer.one('message');
  await resumed(world, { offset: 1 }, [message('lobby', 1, 'a', { id, user: 'ann' })]);
  assert.deepEqual(sent.value, { id, position: { epoch: 'e1', offset: 1 }, duplicate: false });
  assert.equal(world.peer.take('message').length, 0);
  assert.deepEqual(got, ['a']);
});

test("another user's message with the same id acknowledges nothing", async () => {
  const { room, peer } = await inRoom();
  const sent = watch(room.send('a'));
  const { id } = peer.one('message');
  peer.push(message('lobby', 1, 'a', { id, user: 'mallory' }));
  await settle();
  assert.equal(sent.state, 'pending');
});

test('past the dedup window a message goes out again only if nothing was missed', async () => {
  const { world, room, peer } = await inRoom();
  const sent = watch(room.send('a'));
  const { id } = peer.one('message');
  world.peer.close();
  world.clock.sleep(10 * MINUTE);
  await resumed(world, {});
  assert.equal(world.peer.one('message').id, id);
  assert.equal(sent.state, 'pending');
});

const doubts = {
  'something was missed': [{ epoch: 'e2', recovered: false }, [], undefined],
  'something was deleted': [{ offset: 1 }, [{ type: 'deleted', room: 'lobby', offset: 1 }], undefined],
};
for (const [why, [joined, replay, welcome]] of Object.entries(doubts)) {
  test(`past the dedup window a message is uncertain if ${why}`, async () => {
    const { world, room } = await inRoom();
    const uncertain = watch(room.send('a'));
    const behind = watch(room.send('b'));
    world.peer.take('message');
    world.peer.close();
    world.clock.sleep(10 * MINUTE);
    await resumed(world, joined, replay, welcome);
    assert.equal(uncertain.code, 'uncertain');
    assert.equal(world.peer.one('message').content, 'b', 'never sent blindly');
    assert.equal(behind.state, 'pending');
    assert.deepEqual(room.outbox.map((each) => each.state), ['uncertain', 'sending']);
    assert.equal(room.cancel(room.outbox[0].id), true);
    assert.equal(room.outbox.length, 1);
  });
}

test('inside the dedup window a message goes out again, even if something was missed', async () => {
  const { world, room } = await inRoom();
  const { id } = (room.send('a').catch(() => {}), world.peer.one('message'));
  await resumed(world, { epoch: 'e2', recovered: false });
  assert.equal(world.peer.one('message').id, id);
});

test('the dedup window counts the time that either clock saw', async () => {
  const { world, room } = await inRoom();
  const sent = watch(room.send('a'));
  world.peer.take('message');
  world.clock.wall += 10 * MINUTE; // the monotonic clock stood still while the machine slept
  await resumed(world, { epoch: 'e2', recovered: false });
  assert.equal(sent.code, 'uncertain');
});

test('a guest is another user after a reconnect, whose ids the server does not know', async () => {
  for (const recovered of [true, false]) {
    const { world, room } = await inRoom({}, { user: 'guest-1' });
    const sent = watch(room.send('a'));
    world.peer.take('message');
    await resumed(world, { recovered }, [], { user: 'guest-2' });
    assert.equal(world.peer.take('message').length, recovered ? 1 : 0);
    assert.equal(sent.code, recovered ? undefined : 'uncertain');
  }
});

test('an uncertain message can be sent again by hand under its id', async () => {
  const { world, room } = await inRoom();
  const sent = watch(room.send('a', { id: 'mine' }));
  world.peer.take('message');
  world.peer.close();
  world.clock.sleep(10 * MINUTE);
  await resumed(world, { epoch: 'e2', recovered: false });
  assert.equal(sent.code, 'uncertain');
  const again = watch(room.send('a', { id: 'mine' }));
  ack(world.peer, world.peer.one('message'), 1);
  await settle();
  assert.equal(again.state, 'resolved');
  assert.deepEqual(room.outbox, []);
});

test('two messages cannot be on their way under one id', async () => {
  const { room } = await inRoom();
  room.send('a', { id: 'mine' }).catch(() => {});
  assert.equal((await room.send('b', { id: 'mine' }).catch((error) => error)).code, 'id_conflict');
});

test('a message above the rate waits for the time given, and none behind it overtakes it', async () => {
  const { world, room, peer } = await inRoom();
  room.send('a');
  room.send('b');
  const { id } = peer.one('message');
  peer.push({ type: 'error', id, room: 'lobby', code: 'rate_limited', error: 'Too fast', retryAfterMs: 700 });
  room.send('c');
  await world.clock.advance(699);
  assert.equal(peer.take('message').length, 0);
  await world.clock.advance(1);
  const order = [];
  for (let offset = 1; offset <= 3; offset++) {
    const frame = peer.one('message');
    order.push(frame.content);
    ack(peer, frame, offset);
    await settle();
  }
  assert.deepEqual(order, ['a', 'b', 'c']);
});

test('what the broker did not accept or confirm is sent again under its id, with growing pauses', async () => {
  for (const code of ['broker_unavailable', 'unconfirmed', 'internal']) {
    const { world, room, peer } = await inRoom();
    const sent = watch(room.send('a'));
    const ids = new Set();
    for (let i = 0; i < 4; i++) {
      const { id } = peer.one('message');
      ids.add(id);
      peer.push({ type: 'error', id, room: 'lobby', code, error: 'x' });
      await pass(world, 500 * 2 ** i);
    }
    assert.equal(ids.size, 1);
    ack(peer, peer.one('message'), 1);
    await settle();
    assert.equal(sent.state, 'resolved');
  }
});

test('a message that is refused for good is rejected, and the next one goes on', async () => {
  const { room, peer } = await inRoom();
  const sent = watch(room.send('a'));
  room.send('b');
  const { id } = peer.one('message');
  peer.push({ type: 'error', id, room: 'lobby', code: 'invalid_message', error: 'Invalid message format', path: '/name' });
  await settle();
  assert.deepEqual([sent.code, sent.error.path], ['invalid_message', '/name']);
  assert.equal(peer.one('message').content, 'b');
  assert.deepEqual(room.outbox.map((each) => each.state), ['failed', 'sending']);
});

test('a message that is too large is not sent: the server would end the connection', async () => {
  const { world, room, peer } = await inRoom();
  const json = watch(room.send('ä'.repeat(33_000)));
  const binary = watch(room.send(new Uint8Array(65_536)));
  await settle();
  assert.deepEqual([json.code, binary.code], ['too_large', 'too_large']);
  assert.equal(peer.frames.length, 0);
  assert.equal(world.state, 'open');
});

test('while the server takes no messages, they wait', async () => {
  const { world, room, peer } = await inRoom();
  peer.push({ type: 'status', publishing: false, reason: 'broker' });
  room.send('a');
  await pass(world, MINUTE);
  assert.equal(peer.take('message').length, 0);
  peer.push({ type: 'status', publishing: true });
  assert.equal(peer.take('message').length, 1);
});

test('a message without any answer is sent again under its id', async () => {
  const { world, room, peer } = await inRoom();
  room.send('a').catch(() => {});
  const { id } = peer.one('message');
  await pass(world, 30_000);
  assert.equal(peer.one('message').id, id);
});

test('23: every send settles when the client is closed or fails for good', async () => {
  const ends = { closed: (world) => world.client.close(), disconnected: (world) => world.peer.close(4500) };
  for (const [code, end] of Object.entries(ends)) {
    const { world, room } = await inRoom();
    const sent = watch(room.send('a'));
    const queued = watch(room.send('b'));
    end(world);
    const later = watch(room.send('c'));
    await settle();
    assert.deepEqual([sent.code, queued.code, later.code], ['uncertain', code, code]);
    assert.equal(world.clock.pending, 0);
  }
});

test('24: a slow socket is given no more than the watermark', async () => {
  const { world, room, peer } = await inRoom();
  peer.socket.bufferedAmount = 65_537;
  const sent = watch(room.send('a'));
  await pass(world, MINUTE);
  assert.equal(peer.take('message').length, 0);
  peer.socket.bufferedAmount = 65_536;
  await world.clock.advance(25);
  assert.equal(peer.take('message').length, 1);
  assert.equal(sent.state, 'pending');
});

test('24: a connection that is lost while a message waits for the socket sends it on the next', async () => {
  const { world, room, peer } = await inRoom();
  peer.socket.bufferedAmount = 1_000_000;
  room.send('a');
  await world.reopen();
  world.peer.socket.bufferedAmount = 1_000_000;
  world.peer.joined('lobby', { recovered: true });
  await world.clock.advance(1_000);
  assert.equal(world.peer.take('message').length, 0);
  world.peer.socket.bufferedAmount = 0;
  await world.clock.advance(25);
  assert.equal(world.peer.take('message').length, 1);
});

test('24: an aborted send is rejected with its reason, and leaves nothing behind', async () => {
  const { world, room, peer } = await inRoom();
  const abort = new AbortController();
  const flying = watch(room.send('a', { signal: abort.signal }));
  const queued = watch(room.send('b', { signal: abort.signal, ttl: MINUTE }));
  room.send('c').catch(() => {});
  peer.take('message');
  abort.abort(new Error('enough'));
  await settle();
  assert.deepEqual([flying.error.message, queued.error.message], ['enough', 'enough']);
  assert.equal(peer.one('message').content, 'c');
  await world.reopen();
  world.peer.joined('lobby', { recovered: true });
  assert.equal(world.peer.one('message').content, 'c');
  const never = watch(room.send('d', { signal: abort.signal }));
  await settle();
  assert.equal(never.error.message, 'enough');
});

test('a message that was not sent yet can be cancelled, one that was cannot', async () => {
  const { room, peer } = await inRoom();
  const flying = watch(room.send('a', { id: '1' }));
  const queued = watch(room.send('b', { id: '2' }));
  assert.deepEqual([room.cancel('1'), room.cancel('2'), room.cancel('3')], [false, true, false]);
  await settle();
  assert.deepEqual([flying.state, queued.code], ['pending', 'cancelled']);
  ack(peer, peer.one('message'), 1);
  await settle();
  assert.equal(peer.take('message').length, 0);
});

test('a message has a time to live', async () => {
  const { world, room, peer } = await inRoom();
  const flying = watch(room.send('a', { ttl: 1_000 }));
  const queued = watch(room.send('b', { ttl: 1_000 }));
  room.send('c').catch(() => {});
  peer.take('message');
  await world.clock.advance(1_000);
  assert.deepEqual([flying.code, queued.code], ['uncertain', 'expired']);
  assert.equal(peer.one('message').content, 'c');
});

test('binary messages are sent as bytes with their id', async () => {
  const { room, peer } = await inRoom();
  const sent = watch(room.send(new Uint8Array([0, 255]), { id: 'm1' }));
  const text = new TextEncoder();
  assert.deepEqual(peer.frames, [new Uint8Array([1, 5, ...text.encode('lobby'), 2, ...text.encode('m1'), 0, 255])]);
  peer.push({ type: 'ack', id: 'm1', room: 'lobby', offset: 1, epoch: 'e1', timestamp: 1 });
  await settle();
  assert.equal(sent.state, 'resolved');
  await assert.rejects(room.send(new Uint8Array(1), { name: 'x' }), TypeError);
  room.signal(new Uint8Array([9]));
  assert.deepEqual(peer.frames[1], new Uint8Array([2, 5, ...text.encode('lobby'), 0, 9]));
});

test('a room that is not joined is sent to at once', async () => {
  const world = new World();
  await world.open();
  world.client.room('alerts').send('a').catch(() => {});
  assert.equal(world.peer.one('message').room, 'alerts');
});

test('what waits for a room that is given up goes to the server, which decides', async () => {
  for (const leaveFirst of [true, false]) {
    const world = new World();
    const room = world.client.room('lobby');
    const off = room.join();
    const sent = watch(room.send('a'));
    await world.open();
    const { ref } = world.peer.one('join');
    const refuse = () => world.peer.push({ type: 'error', ref, room: 'lobby', code: 'broker_unavailable', error: 'x' });
    if (!leaveFirst) refuse();
    off();
    await world.clock.advance(0);
    if (leaveFirst) refuse();
    const { id } = world.peer.one('message');
    world.peer.push({ type: 'error', id, room: 'lobby', code: 'not_joined', error: 'Not joined' });
    await settle();
    assert.equal(sent.code, 'not_joined');
  }
});

test('a message that is on its way when the room is left is not sent twice', async () => {
  const world = new World();
  const room = world.client.room('lobby');
  const off = room.join();
  await world.open();
  world.peer.joined('lobby');
  const sent = watch(room.send('a'));
  off();
  await world.clock.advance(0);
  const leave = world.peer.one('leave');
  world.peer.push({ type: 'left', ref: leave.ref, room: 'lobby' });
  await settle();
  ack(world.peer, world.peer.one('message'), 1);
  await settle();
  assert.equal(sent.state, 'resolved');
});

test('the outbox tells its changes, and keeps a hundred failures', async () => {
  const world = new World();
  const room = world.client.room('lobby');
  const changes = heard(room, 'outbox');
  for (let i = 0; i < 150; i++) room.send(i).catch(() => {});
  world.client.close();
  assert.equal(room.outbox.length, 100);
  assert.ok(changes.length >= 150);
});
