import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonValue } from 'nekube/apimachinery';
import type { LoggedRequest } from 'nekube/envtest';
import { Repetition } from './repetition.ts';

const request = (verb: string, body?: JsonValue): LoggedRequest =>
  ({ verb, path: '/apis/shop.example/v1/namespaces/one/shops/a/status', body }) as unknown as LoggedRequest;

const status = (ready: boolean, time: string, message = ''): JsonValue => ({
  metadata: { name: 'a', resourceVersion: String(Math.random()) },
  status: { conditions: [{ type: 'Ready', status: String(ready), lastTransitionTime: time, message }] },
});

test('a status that is written again with other times and messages is the same', () => {
  const seen = new Repetition();
  seen.begin();
  assert.equal(seen.take(request('update', status(true, '2026-01-01T00:00:00Z', 'at port 41')), 0), false);
  assert.equal(seen.take(request('update', status(true, '2026-01-01T00:00:02.5+01:00', 'at port 42')), 2000), true);
  assert.equal(seen.periodMs, 2000);
});

test('one that says something else is not', () => {
  const seen = new Repetition();
  seen.begin();
  seen.take(request('update', status(true, '2026-01-01T00:00:00Z')), 0);
  assert.equal(seen.take(request('update', status(false, '2026-01-01T00:00:00Z')), 0), false);
});

test('what is done again after an intervention may be for a reason, a few times', () => {
  const seen = new Repetition();
  const again = Array.from({ length: 8 }, () => {
    seen.begin();
    return seen.take(request('get'), 0);
  });
  assert.deepEqual(again, [false, false, false, false, false, false, true, true]);
  assert.equal(seen.periodMs, 0);
});
