import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stepsOf } from './steps.ts';

const said = (kep: Parameters<typeof stepsOf>[0], current = 'v1.36') =>
  stepsOf(kep, current).map(({ stage, release, state }) => [stage, release ?? '-', state].join(' '));

test('stages before the one that is worked on are done, and those after it are planned where a release is named', () => {
  const milestones = { alpha: 'v1.30', beta: 'v1.33', stable: 'v1.38' };
  assert.deepEqual(said({ stage: 'beta', milestones, status: 'implementable' }), [
    'alpha v1.30 done',
    'beta v1.33 now',
    'stable v1.38 planned',
  ]);
});

test('a stage of the release that is worked on is planned, unless the KEP is implemented', () => {
  const milestones = { alpha: 'v1.36' };
  assert.deepEqual(said({ stage: 'alpha', milestones, status: 'implementable' })[0], 'alpha v1.36 planned');
  assert.deepEqual(said({ stage: 'alpha', milestones, status: 'implemented' })[0], 'alpha v1.36 now');
});

test('nothing is said of a stage that was left out, and nothing at all of a KEP that names none', () => {
  assert.deepEqual(said({ stage: 'stable', milestones: { stable: 'v1.20' }, status: 'implemented' }), [
    'alpha - open',
    'beta - open',
    'stable v1.20 now',
  ]);
  assert.deepEqual(said({ milestones: {} }), []);
});

test('a stage off the usual way is shown where a KEP has it', () => {
  assert.equal(
    said({ stage: 'removed', milestones: { removed: 'v1.24' }, status: 'implemented' }).at(-1),
    'removed v1.24 now',
  );
});
