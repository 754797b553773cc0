import assert from 'node:assert/strict';
import { test } from 'node:test';
import { World, contents, heard, message, settle, watch } from './fakes.js';

/** A world in a room, with nothing in it. */
async function inRoom(options, world = new World()) {
  const room = world.client.room('lobby', options);
  const off = room.join();
  await world.open();
  world.peer.joined('lobby');
  await settle();
  return { world, room, off, peer: world.peer };
}

test('rooms that are wanted before the connection stands are joined in one frame', async () => {
  const world = new World({ username: 'Ann' });
  for (let i = 0; i < 150; i++) world.client.room(`room${i}`).join();
  await world.open();
  const joins = world.peer.take('join');
  assert.deepEqual(joins.map((join) => join.rooms.length), [100, 50]);
  assert.equal(joins[0].username, 'Ann');
});

test('a room goes on from its position on the next connection', async () => {
  const { world, room, peer } = await inRoom();
  const got = contents(room);
  peer.push(message('lobby', 1, 'a'), message('lobby', 2, 'b'));
  await world.reopen();
  const join = world.peer.joined('lobby', { offset: 4, replay: 2, recovered: true });
  assert.deepEqual(join.rooms[0].since, { epoch: 'e1', offset: 2 });
  world.peer.push(message('lobby', 3, 'c'), message('lobby', 4, 'd'), message('lobby', 5, 'e'));
  assert.deepEqual(got, ['a', 'b', 'c', 'd', 'e']);
  assert.deepEqual(room.position, { epoch: 'e1', offset: 5 });
});

test('a stored position and a number of newest messages are asked for', async () => {
  const world = new World();
  world.client.room('stored', { since: { epoch: 'e0', offset: 7 } }).join();
  world.client.room('newest', { last: 50 }).join();
  await world.open();
  const joins = world.peer.take('join');
  assert.deepEqual(joins[0].rooms, [{ room: 'stored', since: { epoch: 'e0', offset: 7 } }]);
  assert.deepEqual([joins[1].rooms, joins[1].last], [[{ room: 'newest' }], 50]);
});

test('15: what is published while the state loads arrives once, with live messages behind it', async () => {
  const world = new World();
  let load = () => {};
  const whys = [];
  const room = world.client.room('lobby', {
    load: (why) => (whys.push(why), new Promise((resolve) => (load = resolve))),
  });
  const got = contents(room);
  room.join();
  await world.open();
  assert.equal(world.peer.take('join').length, 0);
  load({ epoch: 'e1', offset: 3 }); // meanwhile 4 and 5 were published
  await settle();
  const join = world.peer.joined('lobby', { offset: 5, replay: 2, recovered: true });
  assert.deepEqual(join.rooms[0].since, { epoch: 'e1', offset: 3 });
  world.peer.push(message('lobby', 4, 4), message('lobby', 5, 5), message('lobby', 6, 6));
  assert.deepEqual([got, whys], [[4, 5, 6], ['first']]);
});

test('15: frames before the answer to a join come again behind it', async () => {
  const { world, room, off, peer } = await inRoom({ batchSize: 1 });
  const got = contents(room);
  peer.push(message('lobby', 1, 'a'));
  off();
  await world.clock.advance(0);
  const leave = peer.one('leave');
  peer.push(message('lobby', 2, 'b'));
  room.join();
  peer.push({ type: 'left', ref: leave.ref, room: 'lobby' });
  await settle();
  peer.push(message('lobby', 2, 'b'));
  peer.joined('lobby', { offset: 3, replay: 2, recovered: true });
  peer.push(message('lobby', 2, 'b'), message('lobby', 3, 'c'));
  assert.deepEqual(got, ['a', 'b', 'c']);
});

test('16: leaving and joining in a handler neither repeats nor loses anything', async () => {
  const { world, room, off, peer } = await inRoom();
  const got = [];
  let again = false;
  room.on('messages', (messages) => {
    got.push(...messages.map((each) => each.content));
    if (again) return;
    again = true;
    assert.deepEqual(room.position, { epoch: 'e1', offset: 1 });
    off();
  });
  peer.push(message('lobby', 1, 'a'));
  await world.clock.advance(0);
  const leave = peer.one('leave');
  room.join();
  peer.push({ type: 'left', ref: leave.ref, room: 'lobby' });
  await settle();
  const join = peer.joined('lobby', { offset: 2, replay: 1, recovered: true });
  assert.deepEqual(join.rooms[0].since, { epoch: 'e1', offset: 1 });
  peer.push(message('lobby', 2, 'b'));
  assert.deepEqual(got, ['a', 'b']);
});

test('16: a handler that leaves and joins in one breath stays', async () => {
  const { world, room, off, peer } = await inRoom();
  const got = contents(room);
  room.on('messages', () => {
    off();
    room.join();
  });
  peer.push(message('lobby', 1, 'a'), message('lobby', 2, 'b'));
  await world.clock.advance(1_000);
  assert.equal(peer.frames.length, 0);
  assert.deepEqual(got, ['a', 'b']);
});

test('17: join, leave and join while the first answer is awaited is one join', async () => {
  const world = new World();
  const room = world.client.room('lobby');
  const got = contents(room);
  await world.open();
  const off = room.join();
  await settle();
  off();
  await world.clock.advance(10);
  room.join();
  await settle();
  world.peer.joined('lobby');
  await world.clock.advance(1_000);
  assert.equal(world.peer.frames.length, 0);
  world.peer.push(message('lobby', 1, 'a'));
  assert.deepEqual(got, ['a']);
});

test('17: a room that was left while its join was awaited is left once it is in', async () => {
  const world = new World();
  await world.open();
  const room = world.client.room('lobby');
  const off = room.join();
  await settle();
  off();
  off();
  await world.clock.advance(10);
  assert.equal(world.peer.take('leave').length, 0);
  world.peer.joined('lobby');
  const leave = world.peer.one('leave');
  world.peer.push({ type: 'left', ref: leave.ref, room: 'lobby' });
  await world.clock.advance(1_000);
  assert.equal(world.peer.frames.length, 0);
});

test('18: a room that was created anew announces a gap, and its position moves as one', async () => {
  const { world, room, peer } = await inRoom();
  const order = [];
  room.on('gap', (gap) => order.push(gap));
  room.on('messages', (messages) => order.push(messages.map((each) => each.content)));
  room.on('joined', ({ recovered }) => order.push(recovered));
  peer.push(message('lobby', 1, 'a'), message('lobby', 2, 'b'));
  await world.reopen();
  world.peer.joined('lobby', { epoch: 'e2', offset: 3, replay: 3, recovered: false });
  world.peer.push(message('lobby', 1, 'x'), message('lobby', 2, 'y'), message('lobby', 3, 'z'));
  assert.deepEqual(order, [
    ['a'], ['b'],
    { from: { epoch: 'e1', offset: 2 }, to: { epoch: 'e2', offset: 0 } },
    false,
    ['x', 'y', 'z'],
  ]);
  assert.deepEqual(room.position, { epoch: 'e2', offset: 3 });
});

test('18: after a gap the state is loaded, and the room goes on from there', async () => {
  const world = new World();
  const whys = [];
  const { room, peer } = await inRoom({ since: { epoch: 'e1', offset: 0 }, load: async (why) => (whys.push(why), { epoch: 'e2', offset: 9 }) }, world);
  const got = contents(room);
  peer.push({ type: 'epoch', room: 'lobby', epoch: 'e2', offset: 9, recovered: false }, message('lobby', 10, 'again'));
  await settle();
  const join = peer.joined('lobby', { epoch: 'e2', offset: 10, replay: 1, recovered: true });
  assert.deepEqual(join.rooms[0].since, { epoch: 'e2', offset: 9 });
  peer.push(message('lobby', 10, 'again'));
  assert.deepEqual([whys, got], [['gap'], ['again']]);
});

test('15: a state whose loading outlasts the connection is of no use', async () => {
  const world = new World();
  const loads = [];
  world.client.room('lobby', { load: () => new Promise((resolve) => loads.push(resolve)) }).join();
  await world.open();
  await world.reopen();
  loads[0]({ epoch: 'e1', offset: 1 });
  await settle();
  assert.equal(world.peer.take('join').length, 0);
  loads[1]({ epoch: 'e1', offset: 5 });
  await settle();
  assert.equal(world.peer.one('join').rooms[0].since.offset, 5);
});

test('a state that cannot be loaded is tried again', async () => {
  const world = new World();
  let loads = 0;
  const errors = heard(world.client, 'error');
  const room = world.client.room('lobby', {
    load: async () => {
      if (++loads < 3) throw new Error('down');
      return { epoch: 'e1', offset: 1 };
    },
  });
  room.join();
  await world.open();
  await world.clock.advance(3_000);
  assert.equal(world.peer.take('join').length, 1);
  assert.deepEqual(errors.map((error) => error.code), ['load_failed', 'load_failed']);
});

test('an epoch that lost nothing moves the position and announces no gap', async () => {
  const { world, room, peer } = await inRoom();
  const gaps = heard(room, 'gap');
  peer.push(message('lobby', 1, 'a'), { type: 'epoch', room: 'lobby', epoch: 'e2', offset: 1, recovered: true });
  assert.deepEqual(room.position, { epoch: 'e2', offset: 1 });
  peer.push(message('lobby', 2, 'b'));
  await world.reopen();
  const join = world.peer.joined('lobby', { epoch: 'e2', offset: 2, recovered: true });
  assert.deepEqual(join.rooms[0].since, { epoch: 'e2', offset: 2 });
  assert.equal(gaps.length, 0);
});

test('messages that are no longer kept are a gap, in the replay too', async () => {
  const { room, peer, world } = await inRoom();
  await world.reopen();
  world.peer.joined('lobby', { offset: 9, replay: 9, recovered: true });
  const events = [];
  room.on('gap', ({ from, to }) => events.push([from.offset, to.offset]));
  room.on('messages', (messages) => events.push(messages.map((each) => each.position.offset)));
  world.peer.push(message('lobby', 1, 'a'), { type: 'gap', room: 'lobby', from: 2, to: 8, reason: 'history' });
  world.peer.push(message('lobby', 9, 'i'), message('lobby', 10, 'j'));
  assert.deepEqual(events, [[1], [1, 8], [9], [10]]);
  assert.ok(peer);
});

test('a deleted message is announced, and holds its place in a replay', async () => {
  const { room, world } = await inRoom();
  const deleted = heard(room, 'deleted');
  await world.reopen();
  world.peer.joined('lobby', { offset: 2, replay: 2, recovered: true });
  world.peer.push(message('lobby', 1, 'a'), { type: 'deleted', room: 'lobby', offset: 2 });
  assert.deepEqual(room.position, { epoch: 'e1', offset: 2 });
  world.peer.push({ type: 'deleted', room: 'lobby', offset: 1 });
  assert.deepEqual(deleted.map((each) => each.position.offset), [2, 1]);
  assert.deepEqual(room.position, { epoch: 'e1', offset: 2 });
});

test('19: a hundred cycles leave no listener behind, and rooms are got or created', async () => {
  const world = new World();
  assert.equal(world.client.room('lobby'), world.client.room('lobby'));
  const room = world.client.room('lobby');
  let calls = 0;
  for (let i = 0; i < 100; i++) {
    const off = room.on('messages', () => calls++);
    const leave = room.join();
    off();
    leave();
    const abort = new AbortController();
    room.on('messages', () => calls++, { signal: abort.signal });
    abort.abort();
  }
  room.on('messages', () => calls++); // registered offline
  room.join();
  await world.open();
  await world.clock.advance(100);
  world.peer.joined('lobby');
  world.peer.push(message('lobby', 1, 'a'));
  assert.equal(calls, 1);
});

test('20: mounting, unmounting and mounting again is one join', async () => {
  const world = new World();
  await world.open();
  const room = world.client.room('lobby');
  room.join()();
  room.join();
  await world.clock.advance(1_000);
  world.peer.joined('lobby');
  await world.clock.advance(1_000);
  assert.equal(world.peers.length, 1);
  assert.equal(world.peer.frames.length, 0);
});

test('20: a room that two have joined is left with the second', async () => {
  const { world, room, off, peer } = await inRoom({ leaveGraceMs: 500 });
  const abort = new AbortController();
  room.join({ signal: abort.signal });
  off();
  await world.clock.advance(1_000);
  assert.equal(peer.take('leave').length, 0);
  abort.abort();
  await world.clock.advance(499);
  assert.equal(peer.take('leave').length, 0);
  await world.clock.advance(1);
  assert.equal(peer.take('leave').length, 1);
});

test('21: 5,000 replayed messages keep no task busy for 50 ms', async () => {
  const { room, world } = await inRoom();
  await world.reopen();
  world.peer.joined('lobby', { offset: 5_000, replay: 5_000, recovered: true });
  const got = contents(room);
  let busy = 0;
  room.on('messages', (messages) => {
    busy += 10 + messages.length * 0.1; // what a page needs to render, in ms
  });
  let longest = 0;
  let total = 0;
  for (let offset = 1; offset <= 5_000; offset++) {
    busy = 0;
    world.peer.push(message('lobby', offset, offset)); // a browser gives each frame a task of its own
    longest = Math.max(longest, busy);
    total += busy;
  }
  assert.deepEqual(got, Array.from({ length: 5_000 }, (_, i) => i + 1));
  assert.ok(longest < 50, `the longest task takes ${longest} ms`);
  assert.ok(total < 1_100, `all together take ${total} ms`);
});

test('a batch that is cut off comes again, whole and once', async () => {
  const { room, world } = await inRoom({ batchSize: 10 });
  const got = contents(room);
  await world.reopen();
  world.peer.joined('lobby', { offset: 20, replay: 20, recovered: true });
  for (let offset = 1; offset <= 15; offset++) world.peer.push(message('lobby', offset, offset));
  assert.equal(got.length, 10);
  await world.reopen();
  const join = world.peer.joined('lobby', { offset: 20, replay: 10, recovered: true });
  assert.equal(join.rooms[0].since.offset, 10);
  for (let offset = 11; offset <= 20; offset++) world.peer.push(message('lobby', offset, offset));
  assert.deepEqual(got, Array.from({ length: 20 }, (_, i) => i + 1));
});

test('messages say whether they are replayed', async () => {
  const { room, world } = await inRoom();
  const batches = heard(room, 'messages');
  await world.reopen();
  world.peer.joined('lobby', { offset: 1, replay: 1, recovered: true });
  world.peer.push(message('lobby', 1, 'a'), message('lobby', 2, 'b'));
  assert.deepEqual(batches.flat().map((each) => each.replayed), [true, false]);
});

test('a join that is refused for now is tried again after the time given', async () => {
  const world = new World();
  const room = world.client.room('lobby');
  const refusals = heard(room, 'refused');
  room.join();
  await world.open();
  const { ref } = world.peer.one('join');
  world.peer.push({ type: 'error', ref, room: 'lobby', code: 'too_many_rooms', error: 'Too many rooms', retryAfterMs: 3_000 });
  await world.clock.advance(2_999);
  assert.equal(world.peer.take('join').length, 0);
  await world.clock.advance(1);
  world.peer.joined('lobby');
  assert.deepEqual(refusals.map((error) => [error.code, error.retryable]), [['too_many_rooms', true]]);
});

test('a join of several rooms that is refused as a whole is tried again for each', async () => {
  const world = new World();
  for (const name of ['a', 'b']) world.client.room(name).join();
  await world.open();
  const { ref } = world.peer.one('join');
  world.peer.push({ type: 'error', ref, code: 'rate_limited', error: 'Too fast', retryAfterMs: 100 });
  await world.clock.advance(100);
  assert.deepEqual(world.peer.take('join').flatMap((join) => join.rooms.map((each) => each.room)), ['a', 'b']);
});

test('a join that is refused for good is told, fails what waits, and is tried on the next connection', async () => {
  const world = new World();
  const room = world.client.room('lobby');
  const refusals = heard(room, 'refused');
  room.join();
  const waiting = watch(room.send('hi'));
  await world.open();
  const { ref } = world.peer.one('join');
  world.peer.push({ type: 'error', ref, room: 'lobby', code: 'forbidden', error: 'Forbidden' });
  const later = watch(room.send('hi'));
  await world.clock.advance(60_000);
  assert.equal(refusals[0].retryable, false);
  assert.deepEqual([waiting.code, later.code], ['forbidden', 'forbidden']);
  assert.equal(world.peers[0].take('join').length, 0);
  await world.reopen();
  assert.equal(world.peer.take('join').length, 1);
});

test('a user who is removed stays out until asked, and a room that is closed is joined again', async () => {
  const { world, room, peer } = await inRoom();
  const refusals = heard(room, 'refused');
  peer.push({ type: 'left', room: 'lobby', reason: 'removed' });
  await world.clock.advance(20_000);
  assert.equal(peer.take('join').length, 0);
  room.join();
  await settle();
  peer.joined('lobby');
  peer.push({ type: 'left', room: 'lobby', reason: 'closed' });
  await world.clock.advance(4_000);
  assert.equal(peer.take('join').length, 1);
  assert.deepEqual(refusals.map((error) => error.code), ['removed', 'closed']);
});

test('a rejoin that the broker fails is tried again, though left follows the error', async () => {
  const world = new World();
  const { room, peer } = await inRoom({ since: { epoch: 'e1', offset: 0 }, load: async () => ({ epoch: 'e1', offset: 0 }) }, world);
  const refusals = heard(room, 'refused');
  peer.push({ type: 'gap', room: 'lobby', from: 1, to: 3, reason: 'history' });
  await settle();
  const { ref } = peer.one('join');
  peer.push({ type: 'error', ref, room: 'lobby', code: 'broker_unavailable', error: 'x' });
  peer.push({ type: 'left', room: 'lobby', reason: 'closed' });
  await world.clock.advance(500);
  assert.equal(peer.take('join').length, 1);
  assert.deepEqual(refusals.map((error) => error.code), ['broker_unavailable']);
});

test('a user whom an operator put into a room is told, and stays there', async () => {
  const world = new World();
  const placed = heard(world.client, 'placed');
  world.client.room('known');
  await world.open();
  for (const room of ['known', 'unknown']) {
    world.peer.push({ type: 'joined', room, epoch: 'e1', offset: 5, replay: 0, members: 2 });
  }
  await world.clock.advance(1_000);
  assert.deepEqual(placed, [{ room: 'known' }, { room: 'unknown' }]);
  assert.equal(world.peer.frames.length, 0);
});

test('a leave that is refused for now is tried again', async () => {
  const { world, off, peer } = await inRoom();
  off();
  await world.clock.advance(0);
  const { ref } = peer.one('leave');
  peer.push({ type: 'error', ref, room: 'lobby', code: 'rate_limited', error: 'x', retryAfterMs: 50 });
  await world.clock.advance(50);
  assert.equal(peer.take('leave').length, 1);
});

test('an error that answers nothing is told, and changes nothing', async () => {
  const { world, room, peer } = await inRoom();
  const errors = heard(world.client, 'error');
  room.signal('move', { x: 1 });
  peer.push({ type: 'error', room: 'lobby', code: 'rate_limited', error: 'Too fast', retryAfterMs: 50 });
  await world.clock.advance(1_000);
  assert.equal(errors[0].code, 'rate_limited');
  const got = contents(room);
  peer.push(message('lobby', 1, 'a'));
  assert.deepEqual(got, ['a']);
});

test('signals are sent if the network keeps up, and heard', async () => {
  const { world, room, peer } = await inRoom();
  const signals = heard(room, 'signal');
  room.signal('move', { x: 1 });
  assert.deepEqual(peer.one('signal'), { type: 'signal', room: 'lobby', name: 'move', data: { x: 1 } });
  peer.socket.bufferedAmount = 65_537;
  room.signal('move', { x: 2 });
  assert.equal(peer.take('signal').length, 0);
  peer.push({ type: 'signal', room: 'lobby', user: 'bob', username: 'Bob', name: 'move', data: 5 });
  assert.deepEqual(signals, [{ user: 'bob', username: 'Bob', name: 'move', data: 5 }]);
  world.peer.close();
  room.signal('move');
});

test('typing is told every three seconds, and those who type are known', async () => {
  const { world, room, peer } = await inRoom();
  const typing = heard(room, 'typing');
  room.typing();
  room.typing();
  await world.clock.advance(3_000);
  room.typing();
  room.typing(false);
  room.typing(false);
  assert.deepEqual(peer.take('typing').map((frame) => frame.active), [true, true, false]);
  const bob = { user: 'bob', username: 'Bob' };
  peer.push({ type: 'typing', room: 'lobby', ...bob, active: true });
  peer.push(message('lobby', 1, 'done'));
  peer.push({ type: 'typing', room: 'lobby', ...bob, active: true });
  peer.close();
  assert.deepEqual(typing, [[bob], [], [bob], []]);
});

test('a message ends typing, and typing on is told again', async () => {
  const { room, peer } = await inRoom();
  room.typing();
  room.send('hi').catch(() => {});
  room.typing();
  assert.deepEqual(peer.take('typing').map((frame) => frame.active), [true, false, true]);
});

test('marks are sent forward only, and again after a reconnect', async () => {
  const { world, room, peer } = await inRoom();
  const read = heard(room, 'read');
  room.markRead(5);
  room.markRead(3);
  room.markRead(5);
  assert.deepEqual(peer.take('read').map((frame) => [frame.room, frame.offset]), [['lobby', 5]]);
  peer.push({ type: 'read', room: 'lobby', reads: { ann: 5, bob: 7 } });
  peer.push({ type: 'read', room: 'lobby', reads: { bob: 6 } });
  assert.deepEqual(read, [{ user: 'ann', offset: 5 }, { user: 'bob', offset: 7 }]);
  assert.equal(room.reads.get('bob'), 7);
  await world.drop();
  room.markRead(9);
  world.peer.welcome();
  await settle();
  world.peer.joined('lobby', { offset: 9, recovered: true, reads: { ann: 5, bob: 8 } });
  assert.equal(world.peer.one('read').offset, 9);
  assert.equal(room.reads.get('bob'), 8);
});

test('marks of an epoch that was lost are forgotten', async () => {
  const { room, peer } = await inRoom();
  room.markRead(5);
  peer.push({ type: 'read', room: 'lobby', reads: { bob: 7 } });
  peer.push({ type: 'epoch', room: 'lobby', epoch: 'e2', offset: 1, recovered: false });
  assert.equal(room.reads.size, 0);
  peer.take('read');
  room.markRead(1);
  assert.equal(peer.one('read').offset, 1);
});

test('marks of an epoch that was lost are forgotten where the state is loaded, too', async () => {
  const world = new World();
  const { room } = await inRoom({ since: { epoch: 'e1', offset: 0 }, load: async () => ({ epoch: 'e2', offset: 9 }) }, world);
  room.markRead(500);
  await world.drop();
  world.peer.welcome();
  await settle();
  world.peer.joined('lobby', { epoch: 'e2', offset: 9, recovered: false });
  await settle();
  world.peer.joined('lobby', { epoch: 'e2', offset: 9, recovered: true, reads: { bob: 3 } });
  assert.deepEqual(world.peer.take('read'), []);
  assert.deepEqual([...room.reads], [['bob', 3]]);
});

test('what is unread is counted a hundred rooms at a time', async () => {
  const { world, peer } = await inRoom();
  const rooms = Array.from({ length: 101 }, (_, i) => `r${i}`);
  const asked = world.client.unread(rooms);
  await settle();
  const first = peer.one('unread');
  assert.deepEqual(first.rooms, rooms.slice(0, 100));
  const refused = { room: 'r0', code: 'forbidden', error: 'no' };
  const counted = { epoch: 'e', offset: 9, read: 7, unread: 2 };
  peer.push({ type: 'unread', ref: first.ref, rooms: [refused, ...rooms.slice(1, 100).map((room) => ({ room, ...counted }))] });
  await settle();
  const second = peer.one('unread');
  peer.push({ type: 'unread', ref: second.ref, rooms: [{ room: 'r100', ...counted }] });
  const counts = await asked;
  assert.equal(counts[0].error.code, 'forbidden');
  assert.deepEqual(counts[100], { room: 'r100', ...counted });
});

test('comings and goings are told and counted', async () => {
  const { room, peer } = await inRoom();
  const counts = heard(room, 'members');
  const joined = heard(room, 'userJoined');
  const left = heard(room, 'userLeft');
  const bob = { user: 'bob', username: 'Bob' };
  peer.push({ type: 'user-joined', room: 'lobby', ...bob }, { type: 'user-left', room: 'lobby', ...bob });
  peer.push({ type: 'members', room: 'lobby', count: 1_500 });
  assert.deepEqual([counts.map((each) => each.count), joined, left], [[2, 1, 1_500], [bob], [bob]]);
});

test('history is asked by position, and has binary messages as bytes', async () => {
  const { room, peer } = await inRoom();
  const asked = room.history({ before: { epoch: 'e1', offset: 9 }, limit: 2 });
  await settle();
  const { ref, ...frame } = peer.one('history');
  assert.deepEqual(frame, { type: 'history', room: 'lobby', before: 9, limit: 2 });
  const binary = { type: 'message', room: 'lobby', offset: 8, user: 'bob', username: 'Bob', data: 'AAH/', timestamp: 1 };
  peer.push({ type: 'history', ref, room: 'lobby', epoch: 'e1', messages: [message('lobby', 7, 'g'), binary], more: true });
  const { messages, more } = await asked;
  assert.equal(more, true);
  assert.deepEqual(messages.map((each) => each.content), ['g', new Uint8Array([0, 1, 255])]);
  assert.deepEqual(messages[1].position, { epoch: 'e1', offset: 8 });
});

test('history that is refused is rejected with the code of the protocol', async () => {
  const { room, peer } = await inRoom();
  const asked = watch(room.history());
  await settle();
  const { ref } = peer.one('history');
  peer.push({ type: 'error', ref, room: 'lobby', code: 'forbidden', error: 'Forbidden', path: '/room' });
  await settle();
  assert.deepEqual([asked.code, asked.error.path, asked.error.message], ['forbidden', '/room', 'Forbidden']);
});

test('a loop gets each message, joins with its beginning and leaves with its end', async () => {
  const world = new World();
  await world.open();
  const room = world.client.room('lobby');
  const got = [];
  const loop = (async () => {
    for await (const each of room.messages()) {
      got.push(each.content);
      if (got.length === 3) break;
    }
  })();
  await settle();
  world.peer.joined('lobby', { offset: 2, replay: 2 });
  world.peer.push(message('lobby', 1, 'a'), message('lobby', 2, 'b'));
  await settle();
  world.peer.push(message('lobby', 3, 'c'), message('lobby', 4, 'd'));
  await loop;
  await world.clock.advance(0);
  assert.deepEqual(got, ['a', 'b', 'c']);
  assert.equal(world.peer.take('leave').length, 1);
});

test('a loop ends with an error if something was missed, the signal is aborted, or the client is closed', async () => {
  const ends = {
    gap: (world) => world.peer.push({ type: 'gap', room: 'lobby', from: 1, to: 2, reason: 'history' }),
    closed: (world) => world.client.close(),
    removed: (world) => world.peer.push({ type: 'left', room: 'lobby', reason: 'removed' }),
    enough: (_, abort) => abort.abort(Object.assign(new Error(), { code: 'enough' })),
    too_slow: (world) => {
      for (let offset = 1; offset <= 10_001; offset++) world.peer.push(message('lobby', offset, offset));
    },
  };
  for (const [code, end] of Object.entries(ends)) {
    const { world, room } = await inRoom();
    const abort = new AbortController();
    const failing = watch(
      (async () => {
        for await (const each of room.messages({ signal: abort.signal })) assert.ok(each);
      })(),
    );
    await settle();
    end(world, abort);
    await settle();
    assert.equal(failing.code, code);
  }
});

test('binary messages arrive as bytes', async () => {
  const { room, peer } = await inRoom();
  const batches = heard(room, 'messages');
  const text = new TextEncoder();
  const frame = new Uint8Array([
    1, 5, ...text.encode('lobby'), 0, 0, 0, 0, 0, 0, 1, 4, 3, ...text.encode('bob'), 2, ...text.encode('m1'), 0, 255,
  ]);
  peer.push(frame);
  const [{ content, position, user, id }] = batches[0];
  assert.deepEqual([content, position.offset, user, id], [new Uint8Array([0, 255]), 260, 'bob', 'm1']);
  assert.equal(peer.socket.binaryType, 'arraybuffer');
});
