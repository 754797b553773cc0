import assert from 'node:assert/strict';
import { test } from 'node:test';
import { World, settle } from './fakes.js';

test('1: a socket that is dead after sleep is probed when the page shows, and replaced', async () => {
  const world = new World();
  await world.open();
  world.show();
  assert.equal(world.peer.take('ping').length, 1);
  await world.clock.advance(5_000);
  assert.equal(world.client.status.code, 'silent');
  await world.clock.advance(500);
  assert.equal(world.peers.length, 2);
});

test('1: a socket that answers the probe is kept', async () => {
  const world = new World();
  await world.open();
  world.window.dispatchEvent(new Event('online'));
  await world.clock.advance(100);
  world.peer.push({ type: 'pong', timestamp: 1 });
  await world.clock.advance(10_000);
  assert.equal(world.state, 'open');
});

test('going offline is doubted, and asked', async () => {
  const world = new World();
  await world.open();
  world.window.dispatchEvent(new Event('offline'));
  assert.equal(world.peer.take('ping').length, 1);
});

test('a connection that falls silent is asked after a heartbeat, and replaced without an answer', async () => {
  const world = new World();
  await world.open();
  await world.clock.advance(24_999);
  assert.equal(world.peer.take('ping').length, 0);
  await world.clock.advance(1);
  assert.equal(world.peer.take('ping').length, 1);
  await world.clock.advance(9_999);
  assert.equal(world.state, 'open');
  await world.clock.advance(1);
  assert.equal(world.state, 'waiting');
});

test('a connection that is heard is asked nothing', async () => {
  const world = new World();
  await world.open();
  for (let i = 0; i < 20; i++) {
    await world.clock.advance(20_000);
    world.peer.push({ type: 'status', publishing: true });
  }
  assert.equal(world.peer.take('ping').length, 0);
});

test('3: after a jump of the clock, a frame of the next turn is waited for', async () => {
  const world = new World();
  await world.open();
  await world.clock.advance(25_000);
  world.peer.take('ping');
  world.clock.sleep(3_600_000); // the answer lies in the socket while the timer is overdue
  await world.clock.advance(500);
  assert.equal(world.state, 'open');
  world.peer.push({ type: 'pong', timestamp: 1 });
  await world.clock.advance(20_000);
  assert.equal(world.state, 'open');
  assert.equal(world.peers.length, 1);
});

test('3: after a jump of the clock, a dead socket is replaced a second later', async () => {
  const world = new World();
  await world.open();
  await world.clock.advance(25_000);
  world.clock.sleep(3_600_000);
  await world.clock.advance(1_000);
  assert.equal(world.state, 'waiting');
});

test('3: a verdict on time still grants one turn', async () => {
  const world = new World();
  await world.open();
  await world.clock.advance(34_999);
  const { setTimeout } = world.clock;
  // The timer and the frame are due in the same turn, and the timer runs first.
  const run = world.clock.advance(1);
  setTimeout(() => world.peer.push({ type: 'pong', timestamp: 1 }), 1);
  await run;
  await settle();
  assert.equal(world.state, 'open');
});

test('4: a hidden page whose timers fire once a minute stays connected', async () => {
  const world = new World();
  await world.open();
  world.clock.granularity = 60_000;
  for (let minute = 0; minute < 30; minute++) {
    await world.clock.advance(60_000);
    for (const ping of world.peer.take('ping')) world.peer.push({ type: 'pong', ref: ping.ref, timestamp: 1 });
  }
  assert.equal(world.peers.length, 1);
  assert.equal(world.state, 'open');
});
