import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withoutSharedWatches } from './shared-watches.ts';
import { judge } from './verdict.ts';

const LIMIT = 'it lists or watches deployments.apps';
const FINDINGS = [
  { aspect: 'stable', probe: 'the same', evidence: ['1 object is written alike'] },
  {
    aspect: 'watches-others',
    probe: 'all',
    evidence: ['watch deployments.apps in all namespaces', 'watch pods in all namespaces'],
  },
] as const;
const COVERAGE = {
  kinds: { probed: 'shops.shop.example', others: [] },
  leaves: { all: 1, exercised: 1, refused: [], withoutEffect: [], untried: [] },
  influence: new Map(),
  gaps: [],
  watchLimits: new Map([['deployments.apps', LIMIT]]),
};

/** What else is a limit, what is made of other kinds, and what is left: limits, watches, how sure the verdict is. */
const CASES: readonly (readonly [string, readonly string[], readonly string[], readonly string[]])[] = [
  ['nothing else is made', [], [], ['1 limits', '2 watches', 'medium']],
  ['what it watches is made of another kind', [], ['deployments.apps'], ['0 limits', '1 watches', 'high']],
  ['what else is not known stays', ['timers'], ['deployments.apps'], ['1 limits', '1 watches', 'medium']],
  ['what is made is something else', [], ['configmaps'], ['1 limits', '2 watches', 'medium']],
];

for (const [name, limits, made, expected] of CASES)
  test(`a watch that is for another kind of the operator: ${name}`, () => {
    const coverage = { ...COVERAGE, limits: [LIMIT, ...limits] };
    const one = { findings: FINDINGS, coverage, judgement: judge(FINDINGS, coverage) };
    const left = withoutSharedWatches(one, new Set(made));
    const watches = left.findings.find(({ aspect }) => aspect === 'watches-others')?.evidence ?? [];
    const { confidence } = left.judgement;
    assert.deepEqual([`${left.coverage.limits.length} limits`, `${watches.length} watches`, confidence], expected);
  });
