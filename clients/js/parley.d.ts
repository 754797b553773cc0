/** Removes a listener, or leaves a room. Calling it again does nothing. */
export type Off = () => void;

/** An aborted wait is rejected with the signal's reason, and leaves nothing behind. */
export interface Abortable {
  signal?: AbortSignal;
}

export interface Emitter<E> {
  /** Listens until the returned function is called or the signal is aborted. */
  on<K extends keyof E>(event: K, fn: (event: E[K]) => void, options?: Abortable): Off;
}

/** Where a room is. One value: an offset means nothing in another epoch. */
export interface Position {
  readonly epoch: string;
  readonly offset: number;
}

/**
 * `idle`: not asked to connect, or resting because it is in no room. `waiting`: for the next attempt. `closed`: by
 * `close()`. `failed`: for good, see `code`; `connect()` tries again.
 */
export interface Status {
  readonly state: 'idle' | 'connecting' | 'open' | 'waiting' | 'closed' | 'failed';
  /** Which attempt in a row this is; 0 if the connection stands. */
  readonly attempt: number;
  /** When the next attempt begins, on the clock of `performance.now()`. */
  readonly nextAttemptAt?: number;
  /** Why the last connection or attempt ended. */
  readonly code?: string;
  /** Whether the server accepts messages at present. If it does not, messages wait in the outbox. */
  readonly publishing: boolean;
}

/** What the library needs from its surroundings. By default, what the browser or Node has. */
export interface Environment {
  WebSocket?: new (url: string, protocols: string[]) => WebSocket;
  fetch?: (url: string, init?: RequestInit) => Promise<Response>;
  /** Milliseconds on a clock that is never set. */
  now?: () => number;
  /** Unix milliseconds. Only used to notice that the other clock stood still. */
  wallClock?: () => number;
  /** From 0 up to, but not including, 1. */
  random?: () => number;
  setTimeout?: (fn: () => void, ms: number) => unknown;
  clearTimeout?: (timer: unknown) => void;
  document?: EventTarget & { readonly visibilityState: string };
  window?: EventTarget;
}

export interface TokenRequest {
  /** `rejected`: the server did not accept the last one. `expiring`: it has expired, or is about to. */
  readonly why: 'first' | 'expiring' | 'rejected';
  /** Aborted if the answer is of no use any more. */
  readonly signal: AbortSignal;
}

export interface Options {
  /**
   * A token, or a function that gives one: `null` for a guest. Its answer is kept until it expires or is rejected. If
   * it throws `Unauthorized` or another `ParleyError` that is not retryable, the client stops; after any other error it
   * tries again.
   */
  token?: string | ((request: TokenRequest) => Promise<string | null>);
  /** The display name of a guest. */
  username?: string;
  /**
   * Pauses between attempts grow from `min` (500 ms) to `max` (30 s), and are random. After `attempts` failures in a
   * row, by default never, the client stops.
   */
  backoff?: { min?: number; max?: number; attempts?: number };
  /** An attempt must be complete within so many milliseconds (10,000), from the token to the server's `welcome`. */
  connectTimeout?: number;
  /** A message without an answer is sent again under its id after so many milliseconds (30,000). */
  ackTimeout?: number;
  env?: Environment;
}

export interface ClientEvents {
  status: Status;
  /** What failed without a promise to tell it. The client goes on, unless `status` says otherwise. */
  error: ParleyError;
  /** An operator put the user into a room that was not joined here. Join it to take part. */
  placed: { room: string };
}

/** What we have not read in a room; with `error` if the server did not answer for it. */
export type Unread =
  | { readonly room: string; readonly epoch?: string; readonly offset: number; readonly read: number; readonly unread: number; readonly error?: undefined }
  | { readonly room: string; readonly error: ParleyError };

export interface Client extends Emitter<ClientEvents> {
  readonly status: Status;
  /** Connects, and stays connected until `close()`. If it waits for the next attempt, it tries at once. */
  connect(): void;
  /** Closes the connection; nothing but `connect()` opens it again. Sends that are not acknowledged are rejected. */
  close(): void;
  /** Resolves when the connection is open, and rejects if it was closed or failed for good. */
  ready(options?: Abortable): Promise<void>;
  /** The round-trip time in milliseconds. */
  ping(options?: Abortable): Promise<number>;
  /** Counts what is unread, in the order of these rooms, which need not be joined. */
  unread(rooms: readonly string[], options?: Abortable): Promise<Unread[]>;
  /** The room of that name. Options count the first time. */
  room<B = unknown>(name: string, options?: RoomOptions): Room<B>;
}

export interface RoomOptions {
  /** The position to go on from, such as one that was stored. */
  since?: Position;
  /** How many of the newest messages a join without a position replays, up to 10,000. */
  last?: number;
  /** How long after the last leave the room is left (0 ms). Whoever joins meanwhile stays. */
  leaveGraceMs?: number;
  /** How many replayed messages are delivered at once (100). */
  batchSize?: number;
  /**
   * Loads the application's state of the room: before the first join, and when messages were missed. The room goes on
   * from the position that this state has. If it fails, it is tried again.
   */
  load?(why: 'first' | 'gap'): Promise<Position>;
}

export interface User {
  readonly user: string;
  readonly username: string;
}

/** Binary messages have a `Uint8Array` as their content, and, unless they come from `history`, no name and no time. */
export interface Message<B = unknown> {
  readonly position: Position;
  readonly id?: string;
  readonly name?: string;
  readonly key?: string;
  readonly user: string;
  readonly username?: string;
  /** Unix milliseconds, by the server's clock. */
  readonly timestamp?: number;
  readonly content: B;
  /** Whether it is from before the room was caught up. */
  readonly replayed: boolean;
}

/** Binary signals have no name, and a `Uint8Array` as their data. */
export interface Signal {
  readonly user: string;
  readonly username?: string;
  readonly name?: string;
  readonly data?: unknown;
}

export interface RoomEvents<B = unknown> {
  /** In order, each once: single live messages, and batches of replayed ones. */
  messages: readonly Message<B>[];
  /** Messages after `from` and up to `to` were missed, or may have been: load the state again. */
  gap: { readonly from?: Position; readonly to: Position };
  /** `recovered`: nothing was missed; absent if there was no position. `replay` messages follow before live ones. */
  joined: { readonly recovered?: boolean; readonly replay: number; readonly members: number; readonly unread?: number };
  /** The server keeps us out, or sent us out. If it is retryable, the room is joined again by itself. */
  refused: ParleyError;
  /** A moderator removed the content of this message. May come more than once. */
  deleted: { readonly position: Position };
  signal: Signal;
  /** A user has read up to this offset. */
  read: { readonly user: string; readonly offset: number };
  /** Everybody who is typing. */
  typing: readonly User[];
  userJoined: User;
  userLeft: User;
  /** How many distinct users are in the room. */
  members: { readonly count: number };
  /** The outbox has changed. */
  outbox: readonly Outgoing<B>[];
}

/** `uncertain`: nobody knows whether it is in the room. */
export type OutgoingState = 'queued' | 'sending' | 'uncertain' | 'failed';

export interface Outgoing<B = unknown> {
  readonly id: string;
  readonly content: B;
  readonly state: OutgoingState;
}

export interface SendOptions extends Abortable {
  /** At most 64 characters, unique for the room and user. By default a random one. */
  id?: string;
  /** An event name, at most 64 characters. Not for binary messages. */
  name?: string;
  /** A conflation key, at most 64 characters. Not for binary messages. */
  key?: string;
  /** Give up if it is not acknowledged after so many milliseconds. */
  ttl?: number;
}

export interface Receipt {
  readonly id: string;
  readonly position: Position;
  /** Whether an earlier attempt had already brought it into the room. */
  readonly duplicate: boolean;
}

export interface HistoryOptions extends Abortable {
  /** Messages before this position; by default the newest. Not together with `after`. */
  before?: Position;
  after?: Position;
  /** 1–1,000, by default 50. A page may have fewer: it ends at 256 KiB. */
  limit?: number;
}

export interface History<B = unknown> {
  /** In ascending order. */
  readonly messages: readonly Message<B>[];
  /** Whether there are older ones (with `after`, newer ones). */
  readonly more: boolean;
}

export interface Room<B = unknown> extends Emitter<RoomEvents<B>> {
  readonly name: string;
  /** That of the newest message that was delivered. Store it to go on from there. */
  readonly position: Position | undefined;
  /** What was not acknowledged, oldest first, and the newest failures until `cancel`. */
  readonly outbox: readonly Outgoing<B>[];
  /** Joins and stays joined, over any number of connections, until everybody who joined has left. */
  join(options?: Abortable): Off;
  /**
   * Sends a message behind those that were sent before, now or once it can be. Resolves when the server has it. Whatever
   * happens, it settles by the end of the connection for good. A `Uint8Array` is sent as it is, anything else as JSON.
   */
  send(content: B, options?: SendOptions): Promise<Receipt>;
  /** Takes back a message that was not sent yet, or forgets one that failed. False if it was too late. */
  cancel(id: string): boolean;
  /**
   * Messages as they arrive. The room is joined while the loop runs. The loop ends with an error if messages were missed
   * (`gap`), if it is 10,000 behind (`too_slow`), or if the room or the client is done.
   */
  messages(options?: Abortable): AsyncGenerator<Message<B>, void, void>;
  history(options?: HistoryOptions): Promise<History<B>>;
  /** Tells the other members something that is not stored. Dropped if it cannot be sent at once. */
  signal(name: string, data?: unknown): void;
  signal(data: Uint8Array): void;
  /** How far users have read, as far as it is known: our own mark, and the furthest of the others. */
  readonly reads: ReadonlyMap<string, number>;
  /** We have read up to this offset. It only counts if it is further than before, and is told once the room is joined. */
  markRead(offset: number): void;
  /** Call it with each key: others are told when they have to be. It ends with a message, `false`, or after 6 s. */
  typing(active?: boolean): void;
}

/** Everything that fails here. `code` is one of the protocol's error codes, or of the library's own in README.md. */
export class ParleyError extends Error {
  constructor(
    code: string,
    message: string,
    details?: { retryable?: boolean; retryAfterMs?: number; path?: string; closeCode?: number; cause?: unknown },
  );
  readonly code: string;
  /** Whether trying again may help. */
  readonly retryable: boolean;
  readonly retryAfterMs?: number;
  /** JSON Pointer of the field at fault. */
  readonly path?: string;
  /** Of the WebSocket, if that is what ended. */
  readonly closeCode?: number;
}

/** Throw it in a token function to stop: there will be no token. */
export class Unauthorized extends ParleyError {
  constructor(message?: string);
}

/**
 * Creates a client, and opens nothing yet.
 *
 * @param url of the server or of its `/ws`, as `https:`, `wss:`, or relative to the page
 */
export function createClient(url: string, options?: Options): Client;
