import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, test } from 'node:test';
import { Backoff, keepWatching } from './keep-watching.ts';
import { connectWatches, disconnectWatches } from './watch-socket.ts';

/** The browser's, which tests open and close. */
class Socket {
  static readonly OPEN = 1;
  static last: Socket;
  readyState = 0;
  onopen = (): void => {};
  onclose: (() => void) | null = null;
  onmessage = (_: { data: string }): void => {};
  readonly sent: { id?: number; path?: string; cancel?: number }[] = [];
  constructor() {
    Socket.last = this;
  }
  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }
  open(): void {
    this.readyState = Socket.OPEN;
    this.onopen();
  }
  close(): void {
    this.readyState = 3;
    this.onclose?.();
  }
  /** Tells the newest watch something. */
  tell(message: object): void {
    const { id } = this.sent.findLast((one) => one.path !== undefined)!;
    this.onmessage({ data: JSON.stringify({ id, ...message }) });
  }
  get watched(): string[] {
    return this.sent.flatMap(({ path }) => (path === undefined ? [] : [path]));
  }
}

beforeEach(() => {
  mock.timers.enable({ apis: ['setTimeout'] });
  Object.assign(globalThis, { WebSocket: Socket, location: { protocol: 'http:', host: 'localhost' } });
  connectWatches();
  Socket.last.open();
});
afterEach(() => {
  disconnectWatches();
  mock.timers.reset();
});

function begin() {
  const told: string[] = [];
  const stop = keepWatching(
    { path: '/api/v1/pods', from: '5' },
    {
      events: (events) => told.push(...events.map(({ type }) => type)),
      lost: ({ code }) => told.push(`lost ${code}`),
      again: () => told.push('again'),
    },
    new Backoff(),
  );
  return { told, stop };
}

const pod = (resourceVersion: string) => ({ type: 'MODIFIED', object: { metadata: { resourceVersion } } });
const path = (from: string) => `/api/v1/pods?watch=1&allowWatchBookmarks=true&resourceVersion=${from}`;

for (const [what, event, from] of [
  ['an object', pod('7'), '7'],
  ['a bookmark', { type: 'BOOKMARK', object: { metadata: { resourceVersion: '8' } } }, '8'],
  [
    'a row of a Table',
    {
      type: 'ADDED',
      object: { kind: 'Table', metadata: {}, rows: [{ object: { metadata: { resourceVersion: '9' } } }] },
    },
    '9',
  ],
] as const)
  test(`a watch that the server ends goes on from ${what} that came last`, () => {
    const { told, stop } = begin();
    Socket.last.tell({ events: [pod('6'), event] });
    Socket.last.tell({ end: { code: 200 } });
    mock.timers.tick(250);
    assert.deepEqual(Socket.last.watched, [path('5'), path(from)]);
    assert.deepEqual(told, ['MODIFIED', event.type]);
    stop();
  });

test('a watch whose revision is gone is read anew', () => {
  const { told, stop } = begin();
  Socket.last.tell({ events: [{ type: 'ERROR', object: { code: 410 } }] });
  Socket.last.tell({ end: { code: 200 } });
  mock.timers.tick(250);
  assert.deepEqual(told, ['lost 410', 'again']);
  stop();
});

test('what is lost with the connection is read anew once it is there again, and not before', async () => {
  const { told, stop } = begin();
  Socket.last.close();
  mock.timers.tick(100);
  assert.deepEqual(told, ['lost 0']);
  mock.timers.tick(8000);
  Socket.last.open();
  await Promise.resolve();
  mock.timers.tick(250);
  assert.deepEqual(told, ['lost 0', 'again']);
  stop();
});

test('a server that ends each watch at once is asked with growing waits, until something comes', () => {
  const { stop } = begin();
  for (const waitMs of [250, 500, 1000, 2000, 4000, 8000, 8000]) {
    const before = Socket.last.watched.length;
    Socket.last.tell({ end: { code: 200 } });
    mock.timers.tick(waitMs - 1);
    assert.equal(Socket.last.watched.length, before);
    mock.timers.tick(1);
    assert.equal(Socket.last.watched.length, before + 1);
  }
  Socket.last.tell({ events: [pod('6')] });
  Socket.last.tell({ end: { code: 200 } });
  mock.timers.tick(250);
  assert.equal(Socket.last.watched.at(-1), path('6'));
  stop();
});

test('what was stopped asks for nothing any more', () => {
  const { told, stop } = begin();
  Socket.last.tell({ end: { code: 200 } });
  stop();
  mock.timers.tick(10_000);
  assert.deepEqual(Socket.last.watched, [path('5')]);
  assert.deepEqual(told, []);
});
