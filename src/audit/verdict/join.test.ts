import assert from 'node:assert/strict';
import { test } from 'node:test';
import { joinJudgements } from './join.ts';
import type { Judgement, Verdict } from './verdict.ts';

type Said = readonly [verdict: Verdict, confidence: Judgement['confidence'], capability?: Judgement['capability']];

/** What is said of each kind, which are missing, and what follows: the verdict, how sure it is, who decided, the capability level. */
const CASES: readonly (readonly [string, Readonly<Record<string, Said>>, readonly string[], string])[] = [
  ['one kind is as it is', { shops: ['heal', 'medium', 2] }, [], 'heal medium by shops, level 2'],
  [
    'the strongest counts',
    { shops: ['render', 'high'], malls: ['operate', 'high', 3] },
    [],
    'operate high by malls, level 3',
  ],
  [
    'in either order',
    { malls: ['operate', 'high', 3], shops: ['heal', 'high', 2] },
    [],
    'operate high by malls, level 3',
  ],
  [
    'outside counts most',
    { shops: ['external', 'high'], malls: ['operate', 'high'] },
    [],
    'external high by shops, level 1',
  ],
  [
    'several may decide',
    { shops: ['heal', 'high', 2], malls: ['heal', 'high'] },
    [],
    'heal high by shops and malls, level 2',
  ],
  [
    'what is seen of one is sure',
    { shops: ['render', 'low'], malls: ['operate', 'high'] },
    [],
    'operate high by malls, level 1',
  ],
  [
    'that no kind does more is as sure as of each',
    { shops: ['compose', 'high'], malls: ['render', 'low'] },
    [],
    'compose low by shops, level 1',
  ],
  [
    'a chart for all is not said of what is unknown',
    { shops: ['render', 'high'], malls: ['unknown', 'low'] },
    [],
    'unknown low by malls, level 1',
  ],
  ['nor where a kind was not reached', { shops: ['render', 'high'] }, ['malls'], 'unknown low by malls, level 1'],
  [
    'what was seen holds whatever else is unknown',
    { shops: ['compose', 'high'], malls: ['unknown', 'low'] },
    [],
    'compose low by shops, level 1',
  ],
  ['also if a kind was not reached', { shops: ['operate', 'high'] }, ['malls'], 'operate high by shops, level 1'],
  [
    'and is less sure then if more could be seen',
    { shops: ['compose', 'high'] },
    ['malls'],
    'compose low by shops, level 1',
  ],
  [
    'nothing is known of any',
    { shops: ['unknown', 'low'], malls: ['unknown', 'low'] },
    [],
    'unknown low by shops and malls, level 1',
  ],
];

for (const [name, said, missing, expected] of CASES) {
  test(`a verdict for several kinds: ${name}`, () => {
    const kinds = Object.entries(said).map(([kind, [verdict, confidence, capability = 1]]) => ({
      kind,
      judgement: { verdict, confidence, capability, because: [], capabilityBecause: [] },
    }));
    const joined = joinJudgements(kinds, missing);
    const { verdict, confidence, decidedBy, capability } = joined;
    assert.equal(`${verdict} ${confidence} by ${decidedBy.join(' and ')}, level ${capability}`, expected);
  });
}

test('a verdict for several kinds has the findings of those that decided, each with its kind', () => {
  const judgement = (verdict: Verdict, probe: string): Judgement => ({
    verdict,
    because: [{ aspect: 'stable', probe, evidence: [] }],
    confidence: 'high',
    capability: 1,
    capabilityBecause: [],
  });
  const { because } = joinJudgements(
    [
      { kind: 'shops', judgement: judgement('render', 'one') },
      { kind: 'malls', judgement: judgement('operate', 'two') },
    ],
    [],
  );
  assert.deepEqual(because, [{ kind: 'malls', aspect: 'stable', probe: 'two', evidence: [] }]);
});
