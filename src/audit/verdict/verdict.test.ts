import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Aspect, Coverage } from './finding.ts';
import { judge } from './verdict.ts';

const LEAVES = { all: 10, exercised: 9, refused: [], withoutEffect: [], untried: [] };
const ALL: Coverage = {
  kinds: { probed: 'shops.shop.example', others: [] },
  leaves: LEAVES,
  influence: new Map(),
  gaps: [],
  limits: [],
};

/** What was found, and what is said: the verdict, and how sure it is. */
const CASES: readonly (readonly [string, readonly Aspect[], Partial<Coverage>, string])[] = [
  ['a function of the resource is rendered', ['stable'], {}, 'render high'],
  ['a tenth of the spec may be left', ['stable'], { leaves: { ...LEAVES, all: 10, exercised: 8 } }, 'render medium'],
  ['there is nothing in the spec', ['stable'], { leaves: { ...LEAVES, all: 0, exercised: 0 } }, 'render low'],
  ['or there was no time for it', ['stable'], { leaves: { ...LEAVES, all: 3, exercised: 0 } }, 'unknown low'],
  ['something was not done', ['stable'], { gaps: ['the time was over'] }, 'render low'],
  ['something cannot be seen', ['stable'], { limits: ['timers'] }, 'render medium'],
  ['values in Secrets', ['random-secret'], {}, 'render-with-secrets high'],
  ['healing counts more', ['stable', 'random-secret', 'heals'], {}, 'heal high'],
  ['and reading others more than that', ['heals', 'reads-other'], {}, 'compose high'],
  ['so does another namespace', ['heals', 'foreign-namespace'], { gaps: ['a gap'] }, 'compose low'],
  ['so does a spec of its own resources that it writes', ['stable', 'writes-own-spec'], {}, 'compose high'],
  ['status, time and order justify it', ['reads-other', 'follows-status'], { gaps: ['a gap'] }, 'operate high'],
  ['so does what it makes when the resource goes', ['heals', 'acts-on-deletion'], {}, 'operate high'],
  ['what is outside as well', ['time', 'egress'], {}, 'external high'],
  ['what was not done to the end says nothing', [], {}, 'unknown low'],
];

for (const [name, aspects, coverage, expected] of CASES) {
  test(`a verdict: ${name}`, () => {
    const findings = aspects.map((aspect) => ({ aspect, probe: 'a probe', evidence: ['a request'] }));
    const { verdict, confidence } = judge(findings, { ...ALL, ...coverage });
    assert.equal(`${verdict} ${confidence}`, expected);
  });
}
