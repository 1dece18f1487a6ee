import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, test } from 'node:test';
import { connection, connectWatches, disconnectWatches, watch } from './watch-socket.ts';

/** A connection whose other end is the test. */
class Socket {
  static readonly OPEN = 1;
  static readonly all: Socket[] = [];
  readyState = 0;
  readonly sent: string[] = [];
  isClosed = false;
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: (() => void) | null = null;

  constructor() {
    Socket.all.push(this);
  }

  open(): this {
    this.readyState = Socket.OPEN;
    this.onopen?.();
    return this;
  }

  say(message: object): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }

  send(text: string): void {
    this.sent.push(text);
  }

  close(): void {
    this.isClosed = true;
  }
}

beforeEach(() => {
  mock.timers.enable({ apis: ['setInterval', 'setTimeout'] });
  Object.assign(globalThis, { WebSocket: Socket, location: { protocol: 'http:', host: 'console' } });
  Socket.all.length = 0;
});
afterEach(() => {
  disconnectWatches();
  mock.timers.reset();
});

/** A watch, and what it was told. */
function watched(): { readonly told: string[] } {
  const told: string[] = [];
  watch('/api/v1/pods?watch=1', {
    events: (events) => told.push(...events.map(({ type }) => type)),
    end: ({ code }) => told.push(`end ${code}`),
  });
  return { told };
}

/** Lets seconds go by, one after the other. */
function pass(seconds: number): void {
  for (let i = 0; i < seconds; i++) mock.timers.tick(1000);
}

const latest = (): Socket => Socket.all.at(-1)!;

test('a console that says nothing any more is taken for lost, and a new connection is opened', () => {
  connectWatches();
  const first = latest().open();
  const { told } = watched();
  pass(35);
  assert.ok(first.isClosed);
  assert.deepEqual(told, ['end 0']);
  assert.ok(Socket.all.length > 1);
  assert.equal(connection.value.state, 'lost');
  latest().open();
  assert.equal(connection.value.state, 'connected');
});

test('one that says that it is there is kept, however little happens', () => {
  connectWatches();
  const only = latest().open();
  const { told } = watched();
  for (let i = 0; i < 30; i++) {
    mock.timers.tick(10_000);
    only.say({ alive: true });
  }
  assert.equal(Socket.all.length, 1);
  only.say({ id: JSON.parse(only.sent[0]!).id, events: [{ type: 'ADDED' }] });
  assert.deepEqual(told, ['ADDED']);
});

test('one that does not even answer is tried again', () => {
  connectWatches();
  pass(35);
  assert.ok(Socket.all.length > 1);
  assert.ok(Socket.all[0]!.isClosed);
  latest().open();
  watched();
  assert.equal(latest().sent.length, 1);
});

test('a watch that is begun while there is no connection begins with the next', () => {
  connectWatches();
  latest().open().onclose?.();
  const { told } = watched();
  mock.timers.tick(1000);
  const next = latest().open();
  assert.equal(next.sent.length, 1);
  next.say({ id: JSON.parse(next.sent[0]!).id, end: { status: { code: 410 } } });
  assert.deepEqual(told, ['end 410']);
});
