import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Backoff } from './backoff.ts';

test('the first restart comes at once, and each further one waits twice as long, up to five minutes', () => {
  const backoff = new Backoff();
  const waits: number[] = [];
  let now = 0;
  for (let i = 0; i < 8; i++) {
    const until = backoff.until('c', now, now) ?? now;
    waits.push((until - now) / 1000);
    now = until;
    assert.equal(backoff.until('c', now - waits.at(-1)! * 1000, now), undefined);
    backoff.next('c', now, now);
  }
  assert.deepEqual(waits, [0, 10, 20, 40, 80, 160, 300, 300]);
});

test('who ran for ten minutes begins anew', () => {
  const backoff = new Backoff();
  backoff.next('c', 0, 0);
  backoff.next('c', 0, 10_000);
  assert.equal(backoff.until('c', 600_000, 600_000), 620_000);
  assert.equal(backoff.until('c', 610_001, 610_001), undefined);
  backoff.next('c', 610_001, 610_001);
  assert.equal(backoff.waitMs('c'), 10_000);
});

test('what is forgotten waits no more', () => {
  const backoff = new Backoff();
  backoff.next('pod/a', 0, 0);
  backoff.forget('pod/');
  assert.equal(backoff.until('pod/a', 0, 0), undefined);
});
