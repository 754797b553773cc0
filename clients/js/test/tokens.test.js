import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Unauthorized } from '../parley.js';
import { World, heard, settle, watch } from './fakes.js';

/** A world whose token function counts. */
function withTokens() {
  const calls = [];
  const world = new World({
    token: async ({ why }) => {
      calls.push(why);
      return `token${calls.length}`;
    },
  });
  return { world, calls };
}

test('14: five drops need one token', async () => {
  const { world, calls } = withTokens();
  await world.open();
  for (let i = 0; i < 5; i++) await world.reopen();
  assert.deepEqual(calls, ['first']);
  assert.equal(world.peer.token, 'token1');
});

test('12: a token that has expired is replaced at once, and the reason is told', async () => {
  const { world, calls } = withTokens();
  await world.open();
  await world.clock.advance(6_000);
  world.peer.close(4002);
  await world.clock.advance(0);
  assert.deepEqual(calls, ['first', 'expiring']);
  assert.equal(world.peer.token, 'token2');
});

test('12: a token that is refused is replaced at once, and the reason is told', async () => {
  const { world, calls } = withTokens();
  world.answer(401, { code: 'token_invalid' });
  await world.open();
  await world.clock.advance(6_000);
  await world.drop();
  assert.equal(world.peer.token, 'token1');
  await world.drop();
  assert.deepEqual(calls, ['first', 'rejected']);
  assert.equal(world.peer.token, 'token2');
});

test('12: a token string that is refused is not tried again', async () => {
  const world = new World({ token: 'a.b.c' });
  world.answer(401, { code: 'token_invalid', detail: 'The token is not valid' });
  world.client.connect();
  await settle();
  world.peer.close();
  await world.clock.advance(60_000);
  assert.deepEqual([world.state, world.client.status.code], ['failed', 'token_invalid']);
  assert.equal(world.peers.length, 1);
});

test('12: a token function that answers after the attempt was given up opens nothing', async () => {
  const pending = [];
  const world = new World({ token: () => new Promise((resolve) => pending.push(resolve)) });
  world.client.connect();
  await world.clock.advance(10_500);
  assert.equal(pending.length, 2);
  pending[1]('second');
  await settle();
  pending[0]('first');
  await settle();
  assert.equal(world.peers.length, 1);
  assert.equal(world.peer.token, 'second');
});

test('12: a token function that fails after the attempt was given up ends nothing', async () => {
  const pending = [];
  const world = new World({ token: () => new Promise((resolve, reject) => pending.push({ resolve, reject })) });
  world.client.connect();
  await world.clock.advance(10_500);
  pending[1].resolve('second');
  await settle();
  world.peer.welcome();
  pending[0].reject(new Unauthorized());
  await settle();
  assert.equal(world.state, 'open');
});

test('the signal of a token function is aborted when its answer is of no use any more', async () => {
  let aborted = false;
  const world = new World({
    token: ({ signal }) => new Promise((_, reject) => {
      signal.addEventListener('abort', () => {
        aborted = true;
        reject(signal.reason);
      });
    }),
  });
  world.client.connect();
  await settle();
  world.client.close();
  await settle();
  assert.ok(aborted);
  assert.equal(world.state, 'closed');
});

test('a guest has no token', async () => {
  const world = new World({ token: async () => null });
  await world.open();
  assert.deepEqual(world.peer.protocols, ['parley.v1']);
});

test('Unauthorized stops', async () => {
  const world = new World({
    token: async () => {
      throw new Unauthorized('Please log in');
    },
  });
  const errors = heard(world.client, 'error');
  const ready = watch(world.client.ready());
  world.client.connect();
  await world.clock.advance(600_000);
  assert.deepEqual([world.state, ready.code, errors.length], ['failed', 'unauthorized', 1]);
});

for (const hours of [-1, 1]) {
  test(`13: a clock that is off by ${hours} h changes nothing`, async () => {
    const { world, calls } = withTokens();
    const server = world.clock.wall;
    world.clock.wall += hours * 3_600_000;
    const peer = await world.open({ expiresAt: server + 600_000 });
    const clock = peer.one('ping');
    peer.push({ type: 'pong', ref: clock.ref, timestamp: server });
    await world.clock.advance(20_000);
    await world.reopen({ expiresAt: server + 600_000 });
    assert.deepEqual(calls, ['first'], 'still valid');
    const next = world.peer.one('ping');
    world.peer.push({ type: 'pong', ref: next.ref, timestamp: server + 580_000 });
    await world.reopen();
    assert.deepEqual(calls, ['first', 'expiring'], 'about to expire');
  });
}
