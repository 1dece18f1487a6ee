import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OperatorReport } from 'nekube/audit';
import { reportText } from './run-text.ts';

/** A report of two kinds with a refused value each, and what there was no time for. */
function report(refused: string): OperatorReport {
  const judgement = {
    verdict: 'render',
    because: [],
    confidence: 'low',
    capability: 1,
    capabilityBecause: [],
  } as const;
  const coverageOf = (of: string) => ({
    leaves: { all: 1, exercised: 1, refused: [`${of}spec/size is 9: ${refused}`], withoutEffect: [], untried: [] },
    influence: {},
    steps: [],
    gaps: [`${of}2 of 3 variants were not tried`, `${of}timers`],
    cutOff: [`${of}2 of 3 variants were not tried`],
    limits: [],
    neverTried: [],
  });
  const kindOf = (kind: string) => ({
    ...{ kind, ...judgement, isSampleMade: false, tookMs: 1, reads: [], requests: 1 },
    coverage: coverageOf(''),
  });
  return {
    apiVersion: 'audit.nekube.dev/v1alpha1',
    kind: 'OperatorAuditReport',
    operator: { command: ['shop'], user: 'shop' },
    startedAt: '2026-01-02T03:04:05.000Z',
    tookMs: 1000,
    neededMs: 125_000,
    ...judgement,
    decidedBy: ['shops'],
    kinds: [kindOf('shops'), kindOf('malls')],
    findings: [],
    coverage: { kinds: { probed: 'shops, malls', others: [] }, ...coverageOf('shops: ') },
    ...{
      reads: [],
      requests: { all: 1, denied: [] },
      denied: [],
      clusterRules: [],
      namespaceRules: {},
      roles: '',
      rolesLack: [],
    },
    ...{ granted: [], unused: [] },
  };
}

/** What the server says, and what of it stands in the text. */
const REFUSALS: readonly (readonly [string, string, string])[] = [
  ['as it is', 'nine are too many', 'spec/size is 9: nine are too many'],
  [
    'without the webhook that says so',
    'admission webhook "sizes.shop.example" denied the request: nine are too many',
    'spec/size is 9: nine are too many',
  ],
  [
    'without the resource that is invalid',
    'Shop.shop.example "‹name›" is invalid: spec.size: Invalid value: 9',
    'spec/size is 9: spec.size: Invalid value: 9',
  ],
  ['cut where it is long', 'x'.repeat(500), `spec/size is 9: ${'x'.repeat(143)}…`],
];

for (const [name, said, told] of REFUSALS)
  test(`a value that the server refused is named with the reason, ${name}`, () => {
    const text = reportText(report(said));
    assert.equal(text.split('\n').filter((line) => line === `  ${told}`).length, 2, text);
  });

test('what was cut off is told apart from what else is not known, with how long all of it takes', () => {
  const text = reportText(report('no'));
  assert.match(
    text,
    /\nCut off \(all of it takes about 3m: --budget\):\n {2}shops: 2 of 3 variants were not tried\n\n/,
  );
  assert.match(text, /\nNot known:\n {2}shops: timers\n\n/);
});

test('what was cut off though it took longer than all of it should is not said to take less', () => {
  const text = reportText({ ...report('no'), tookMs: 130_000 });
  assert.match(text, /\nCut off \(the 3m that all of it takes at least were not enough here: --budget\):\n/);
});

test('a chart of a kind of which little was tried is advised as far as that goes', () => {
  const [shops, malls] = report('no').kinds;
  const text = reportText({ ...report('no'), kinds: [shops!, { ...malls!, confidence: 'high' }] });
  assert.match(text, /\n {2}A chart does for malls\. As far as was tried, a chart does for shops\.\n/);
});

test('what the smallest roles lack stands above them', () => {
  const text = reportText({ ...report('no'), roles: '# It watched.\nkind: Role\n', rolesLack: ['It watched.'] });
  assert.match(text, /\nThe smallest roles:\nIt watched\.\n\n {2}kind: Role\n/);
});
