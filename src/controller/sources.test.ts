import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Channel } from './sources.ts';

test('a channel keeps what nobody has read yet, and ends its readers', async () => {
  const channel = new Channel<number>();
  channel.push(1);
  channel.push(2);
  const reader = channel[Symbol.asyncIterator]();
  assert.deepEqual([(await reader.next()).value, (await reader.next()).value], [1, 2]);
  const waiting = reader.next();
  channel.close();
  assert.equal((await waiting).done, true);
});

test('what is pushed after a reader left goes to the next one', async () => {
  const channel = new Channel<number>();
  const first = channel[Symbol.asyncIterator]();
  const waiting = first.next();
  await first.return?.();
  assert.equal((await waiting).done, true);
  channel.push(1);
  assert.equal((await channel[Symbol.asyncIterator]().next()).value, 1);
});
