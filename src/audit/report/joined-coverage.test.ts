import assert from 'node:assert/strict';
import { test } from 'node:test';
import { joinedCoverage } from './joined-coverage.ts';
import type { KindReport } from './report.ts';

const kind = (name: string, gaps: readonly string[], cutOff: readonly string[]): KindReport => ({
  ...{ kind: name, verdict: 'render', because: [], confidence: 'low', capability: 1, capabilityBecause: [] },
  ...{ isSampleMade: false, tookMs: 1, reads: [], requests: 1 },
  coverage: {
    leaves: { all: 1, exercised: 1, refused: [], withoutEffect: [], untried: [] },
    influence: {},
    steps: [],
    gaps,
    cutOff,
    limits: [],
    neverTried: [],
  },
});

test('what there was no time for is told kind by kind, also where it is the same of all, and of kinds that were not come to', () => {
  const cut = '7 of 7 variants were not tried';
  const { gaps, cutOff } = joinedCoverage(
    [kind('shops', ['timers', cut], [cut]), kind('malls', ['timers', cut], [cut])],
    [
      { kind: 'estates', isAskedFor: true, why: 'the time was over', isCutOff: true },
      { kind: 'stalls', isAskedFor: true, why: 'the server refuses it' },
      { kind: 'stands', isAskedFor: false },
    ],
  );
  assert.deepEqual(cutOff, [`shops: ${cut}`, `malls: ${cut}`, 'estates was not probed: the time was over']);
  assert.deepEqual(gaps, ['timers', ...cutOff, 'stalls was not probed: the server refuses it']);
});
