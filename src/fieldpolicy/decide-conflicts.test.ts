import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { load } from 'js-yaml';
import type { KubeObject } from 'nekube/apimachinery';
import { type Decision, fieldElement, type FieldPath, parsePathPattern } from 'nekube/smd';
import type { ContestedApply, ContestedField } from './contract.ts';
import { decideConflicts, describeVerdict } from './decide-conflicts.ts';
import { type FieldDecision, isMalformedDecision, parseFieldDecision } from './field-decisions.ts';
import { compilePolicies } from './policy-set.ts';
import { API_VERSION, type FieldPolicy } from './types.ts';
import { whyText } from './why.ts';

interface CaseData {
  readonly name: string;
  readonly now?: string;
  readonly apply?: Record<string, unknown>;
  readonly conflicts?: readonly (Omit<ContestedField, 'path'> & { readonly path: string })[];
  readonly policies?: readonly (Record<string, unknown> & { readonly name: string })[];
  readonly decisions?: readonly string[];
  readonly force?: boolean;
  readonly answers?: Readonly<Record<string, Decision>>;
  readonly verdicts: readonly Record<string, unknown>[];
  readonly said?: readonly string[];
  /** The reason of the first verdict as data. */
  readonly why?: Record<string, unknown>;
  /** Why each policy, in the order of precedence, is not about the first conflict. */
  readonly because?: readonly string[];
}

const { defaults, cases } = load(
  readFileSync(new URL('../../src/fieldpolicy/testdata/decisions.yaml', import.meta.url), 'utf8'),
) as {
  readonly defaults: Required<Pick<CaseData, 'now' | 'apply' | 'conflicts'>>;
  readonly cases: readonly CaseData[];
};

function policyOf({ name, namespace = 'shop', cluster = false, ...spec }: Record<string, unknown>): FieldPolicy {
  const match = { resources: [{ group: 'apps', kinds: ['Deployment'] }], ...(spec.match as object) };
  const kind = cluster ? 'ClusterFieldPolicy' : 'FieldPolicy';
  const metadata = { name, ...(!cluster && { namespace }) };
  return { apiVersion: API_VERSION, kind, metadata, spec: { ...spec, match } } as unknown as FieldPolicy;
}

function applyOf({ now = defaults.now, apply = {} }: CaseData): ContestedApply {
  const { taken, user, ...rest } = { ...defaults.apply, ...apply } as Record<string, unknown>;
  return {
    ...(rest as unknown as ContestedApply),
    ...(user !== null && { user: user as ContestedApply['user'] & object }),
    now: new Date(now),
    taken: () => {
      if (taken === null) throw new Error('Deployment.apps "web" is invalid');
      return taken as KubeObject;
    },
  };
}

function pathOf(text: string): FieldPath {
  return text.slice(1).split('.').map(fieldElement);
}

function decisionOf(text: string): FieldDecision {
  const read = parseFieldDecision(text);
  assert.ok(!isMalformedDecision(read));
  return read;
}

describe('conflicts are decided', () => {
  for (const one of cases) {
    test(one.name, () => {
      const policies = compilePolicies((one.policies ?? []).map(policyOf));
      const apply = applyOf(one);
      const conflicts = (one.conflicts ?? defaults.conflicts).map((c) => ({ ...c, path: pathOf(c.path) }));
      const verdicts = decideConflicts(policies, apply, conflicts, {
        decisions: (one.decisions ?? []).map(decisionOf),
        force: one.force ?? false,
        answers: one.answers && new Map(Object.entries(one.answers)),
      });
      const shown = verdicts.map(({ why: _, ...verdict }) => JSON.parse(JSON.stringify(verdict)) as object);
      assert.deepEqual(shown, one.verdicts);
      // a reason is data, of which its sentence is made
      for (const { reason, why } of verdicts) assert.equal(why && whyText(why), reason);
      if (one.why) assert.deepEqual(verdicts[0]?.why, one.why);
      if (one.said)
        assert.deepEqual(
          verdicts.map((verdict, i) => describeVerdict(verdict, conflicts[i]!)),
          one.said,
        );
      if (one.because) {
        const [first = []] = policies.explain(apply, conflicts);
        assert.deepEqual(
          first.map(({ because = '' }) => because),
          one.because,
        );
      }
      if (verdicts.some(({ by }) => by === 'policy')) assert.ok(policies.concerns(apply));
    });
  }
});

test('what a caller decides is a decision and a path, and else told with the fix', () => {
  const read = decisionOf('share=.spec.containers[name="app"].image');
  assert.equal(read.decision, 'share');
  assert.equal(String(read.pattern), '.spec.containers[name="app"].image');
  const wrong: readonly [string, string, string][] = [
    [
      '',
      '"" does not begin with a decision',
      'write one of force, fail, share, yield, =, and a path, as in force=.spec.replicas',
    ],
    ['.spec', '".spec" does not begin with a decision', 'write one of'],
    ['Force=.spec', '"Force=.spec" does not begin with a decision', 'write one of'],
    ['ask=.spec', '"ask=.spec" does not begin with a decision', 'write one of'],
    ['force=', '"force=": path "" at position 0: it is empty', 'name a field'],
    ['force=.a[', '"force=.a[": path ".a[" at position 3: this selects nothing', 'write [name="app"]'],
  ];
  for (const [text, malformed, fix] of wrong) {
    const one = parseFieldDecision(text);
    assert.ok(isMalformedDecision(one));
    assert.equal(one.malformed, malformed);
    assert.ok(one.fix.startsWith(fix), one.fix);
  }
  assert.ok('text' in parsePathPattern('**'));
});
