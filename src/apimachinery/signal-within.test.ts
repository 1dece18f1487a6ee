import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { signalWithin } from './signal-within.ts';

test('a signal is aborted when its time is over, also where garbage was collected meanwhile', async (t) => {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  const signal = signalWithin(new AbortController().signal, 100);
  const collecting = setInterval(collectGarbage, 5);
  t.after(() => clearInterval(collecting));
  // one that is forgotten never is
  await Promise.race([once(signal, 'abort'), sleep(5000, undefined, { ref: false })]);
  assert.equal(signal.reason?.name, 'TimeoutError');
});

test('a signal is aborted with the other, for its reason', () => {
  const other = new AbortController();
  const signal = signalWithin(other.signal, 60_000);
  other.abort(new Error('enough'));
  assert.equal(signal.reason.message, 'enough');
  assert.equal(signalWithin(other.signal, 60_000).reason.message, 'enough');
});
