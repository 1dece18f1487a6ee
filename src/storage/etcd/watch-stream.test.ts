import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EtcdClient } from './client.ts';
import { WatchStream } from './watch-stream.ts';

test('an etcd that is gone is tried at ever longer intervals, and told of once', async () => {
  const pauses: number[] = [];
  const lines: string[] = [];
  const client = {
    openWatch: () => Promise.reject(new Error('connect ECONNREFUSED')),
    failedAt() {},
    async pause(failures: number) {
      pauses.push(failures);
      if (pauses.length === 5) stream.close();
    },
  };
  const stream = new WatchStream(client as unknown as EtcdClient, {
    key: Buffer.from('a'),
    rangeEnd: Buffer.from('b'),
    onEvents() {},
    onProgress() {},
    onCompacted() {},
    onOpen() {},
    log: (line) => lines.push(line),
  });
  stream.start(1);
  while (pauses.length < 5) await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(pauses, [0, 1, 2, 3, 4]);
  assert.deepEqual(lines, ['The watch of etcd is interrupted, and goes on: connect ECONNREFUSED']);
});
