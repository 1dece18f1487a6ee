import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Moments } from './moments.ts';

test('the newest revision is known, and both numbers grow, whatever the clock and the cluster do', () => {
  const steps = fc.array(
    fc.record({ revision: fc.integer({ min: -2, max: 5 }), time: fc.integer({ min: -50, max: 60 }) }),
    {
      maxLength: 100,
    },
  );
  fc.assert(
    fc.property(steps, (changes) => {
      const moments = new Moments();
      let [revision, time] = [1000, 1000];
      for (const change of changes) {
        revision += change.revision;
        time += change.time;
        moments.add({ revision, time });
        assert.equal(moments.all.at(-1)!.revision, revision);
        for (const [i, moment] of moments.all.entries()) {
          const before = moments.all[i - 1];
          if (before !== undefined) assert.ok(before.revision < moment.revision && before.time <= moment.time);
        }
      }
    }),
  );
});

test('a long time takes little memory, and what is old is known less exactly than what is new', () => {
  const moments = new Moments();
  const last = 50_000;
  for (let i = 0; i <= last; i++) moments.add({ revision: i, time: i * 5000 });
  assert.ok(moments.all.length <= 2000);
  for (const age of [0, 10, 100, 1000, 10_000, 40_000]) {
    const found = moments.at((last - age) * 5000)!.revision;
    assert.ok(last - age - found <= age / 50, `${age} samples ago is taken for ${last - found}`);
  }
});

test('what the cluster has forgotten is no moment any more', () => {
  const moments = new Moments();
  for (let i = 1; i <= 10; i++) moments.add({ revision: i, time: i });
  moments.forgetBefore(8);
  assert.equal(moments.at(7), undefined);
  assert.deepEqual(moments.at(8), { revision: 8, time: 8 });
});
