// Compiled, never run: the declarations and the code agree, and the API gives the types that it promises.
import type * as declared from '../parley.js';
import type { Client, Message, Off, ParleyError, Position, Receipt, Room } from '../parley.js';
import * as implemented from '../lib/client.js';

// Every export of the declarations exists, with that type.
implemented satisfies typeof declared;
// The code exports nothing that is not declared.
type Undeclared = Exclude<keyof typeof implemented, keyof typeof declared>;
const none: [Undeclared] extends [never] ? true : false = true;
void none;

interface Line {
  text: string;
}

export async function uses(client: Client, signal: AbortSignal): Promise<void> {
  const room: Room<Line> = client.room<Line>('lobby', { last: 50, load: async () => ({ epoch: 'e', offset: 1 }) });
  const off: Off = room.on('messages', (messages) => messages.map((message) => message.content.text), { signal });
  room.on('gap', ({ from, to }: { from?: Position; to: Position }) => [from?.offset, to.offset]);
  room.on('refused', (error: ParleyError) => error.code.length);
  const receipt: Receipt = await room.send({ text: 'hi' }, { id: 'a', ttl: 1000, signal });
  const position: Position = receipt.position;
  for await (const message of room.messages({ signal })) {
    const one: Message<Line> = message;
    void one;
  }
  room.markRead(7);
  room.on('read', ({ user, offset }) => [user.length, offset.toFixed(), room.reads.get(user)?.toFixed()]);
  for (const count of await client.unread(['a', 'b'], { signal })) count.error ? count.error.code : count.unread.toFixed();
  room.signal('cursor', { x: 1 });
  room.signal(new Uint8Array(1));
  client.on('status', ({ state, nextAttemptAt }) => [state === 'waiting', nextAttemptAt?.toFixed()]);
  off();
  void position;

  // @ts-expect-error a message of this room has a text
  await room.send({ txt: 'hi' });
  // @ts-expect-error there is no such event
  room.on('message', () => {});
  // @ts-expect-error positions are values, not numbers
  await room.history({ before: 5 });
  // @ts-expect-error a token function says what it gives
  implemented.createClient('/ws', { token: async () => 5 });
}
