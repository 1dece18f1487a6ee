import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, test } from 'node:test';
import { connectWatches, disconnectWatches } from '../api/watch-socket.ts';
import { LiveList, type Listed } from './live-list.ts';

/** A connection whose other end is the test. */
class Socket {
  static readonly OPEN = 1;
  static last: Socket;
  readyState = 1;
  onmessage: ((event: { data: string }) => void) | null = null;
  /** What is watched. */
  readonly watch: Promise<number>;
  #asked: (id: number) => void = () => {};

  constructor() {
    Socket.last = this;
    this.watch = new Promise((resolve) => (this.#asked = resolve));
  }

  send(text: string): void {
    this.#asked((JSON.parse(text) as { id: number }).id);
  }

  close(): void {}
}

const vote = (revision: number): Listed => ({ metadata: { name: 'one', resourceVersion: String(revision) } });

let list: LiveList<Listed>;
/** Says as the watch does. */
let tell: (type: 'ADDED' | 'MODIFIED' | 'DELETED', revision: number) => void;
const known = (): (string | undefined)[] =>
  [...list.items.value.values()].map(({ metadata }) => metadata.resourceVersion);

beforeEach(async () => {
  const empty = { metadata: { resourceVersion: '5' }, items: [] };
  mock.method(globalThis, 'fetch', async () => new Response(JSON.stringify(empty)));
  Object.assign(globalThis, { WebSocket: Socket, location: { protocol: 'http:', host: 'console' } });
  connectWatches();
  const socket = Socket.last;
  list = new LiveList<Listed>('/apis/weekly.nekube.dev/v1alpha1/votes', undefined);
  await list.loaded();
  const id = await socket.watch;
  tell = (type, revision) => {
    const events = [{ type, object: vote(revision) }];
    socket.onmessage?.({ data: JSON.stringify({ id, events }) });
  };
});
afterEach(() => {
  list.stop();
  disconnectWatches();
  mock.restoreAll();
});

test('what the server answered with is not taken back by what is told late of the time before', () => {
  list.put(vote(10));
  list.put(vote(11));
  tell('ADDED', 10);
  assert.deepEqual(known(), ['11']);
  tell('MODIFIED', 11);
  tell('MODIFIED', 12);
  assert.deepEqual(known(), ['12']);
});

test('what is gone stays so when it is told late that it came, and one that comes after it is another', () => {
  list.put(vote(10));
  list.drop('one');
  tell('ADDED', 10);
  assert.deepEqual(known(), []);
  tell('DELETED', 11);
  tell('ADDED', 12);
  assert.deepEqual(known(), ['12']);
});

test('one that was made again is not taken out when it is told late that the one before went', () => {
  list.put(vote(10));
  list.put(vote(12));
  tell('DELETED', 11);
  assert.deepEqual(known(), ['12']);
  tell('DELETED', 13);
  list.put(vote(12));
  assert.deepEqual(known(), []);
});

test('who waits for all that there is waits no longer when nobody wants it any more', async () => {
  assert.equal(await list.loaded(), true);
  mock.method(globalThis, 'fetch', () => new Promise(() => {}));
  const unread = new LiveList<Listed>('/apis/weekly.nekube.dev/v1alpha1/votes', undefined);
  const waiting = unread.loaded();
  unread.stop();
  assert.equal(await waiting, false);
});
