import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fieldElement } from 'nekube/smd';
import { compilePolicy } from './compile-policy.ts';
import type { ContestedApply, ContestedField } from './contract.ts';
import { compilePolicies } from './policy-set.ts';
import { API_VERSION, type FieldPolicy } from './types.ts';

const policyOf = (condition: string, group = ''): FieldPolicy => ({
  apiVersion: API_VERSION,
  kind: 'ClusterFieldPolicy',
  metadata: { name: 'p' },
  spec: { match: { resources: [{ group, kinds: ['*'] }] }, condition, decision: 'Force' },
});

const object = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' }, data: { a: 'aHVudGVyMg==' } };

const applyOf = (more: Partial<ContestedApply> = {}): ContestedApply => ({
  group: '',
  kind: 'Secret',
  namespace: 'shop',
  subresource: '',
  manager: 'main',
  live: object,
  taken: () => object,
  now: new Date(0),
  ...more,
});

const conflictAt = (field: string): ContestedField => ({
  path: [fieldElement('data'), fieldElement(field)],
  owner: { manager: 'other', operation: 'Apply', apiVersion: 'v1', subresource: '' },
  time: undefined,
});

describe('a condition of whatever depth is compiled or refused, and never thrown', () => {
  const nested: readonly [string, string][] = [
    ['maps', `${'{1:'.repeat(2000)}1${'}'.repeat(2000)} == 1`],
    ['lists', `${'['.repeat(4000)}${']'.repeat(4000)} == []`],
    ['parentheses', `${'('.repeat(4000)}true${')'.repeat(4000)}`],
    ['calls', `${'size('.repeat(1600)}''${')'.repeat(1600)} == 1`],
    ['macros', `${'self.all(a, '.repeat(600)}true${')'.repeat(600)}`],
  ];
  for (const [what, source] of nested)
    test(what, () => {
      const { problems } = compilePolicy(policyOf(source));
      assert.match(problems[0] ?? '', /^spec\.condition does not compile: .*recursion limit exceeded/);
    });
});

describe('why a condition cannot be evaluated', () => {
  const conditions = [
    "oldSelf.data[oldSelf.data.a] == ''",
    'url(self.data.a) == url(self.data.a)',
    "'x'.matches(self.data.a + '(')",
  ];
  const reasonOf = (condition: string, apply: ContestedApply) =>
    compilePolicies([policyOf(condition)]).decide(apply, [conflictAt('a')])[0]?.reason;

  for (const condition of conditions)
    test(`is told of a ConfigMap, and not of a Secret: ${condition}`, () => {
      assert.match(reasonOf(condition, applyOf({ kind: 'ConfigMap' })) ?? '', /aHVudGVyMg==/);
      assert.equal(
        reasonOf(condition, applyOf()),
        'its condition cannot be evaluated: why is not told of a Secret, whose values it might show',
      );
    });
});

test('what an apply would make is made once, however many conditions ask about however many fields', () => {
  let made = 0;
  const taken = () => {
    made++;
    return object;
  };
  const policies = compilePolicies(["self.data.a == ''", "self.data.b == ''"].map((one) => policyOf(one)));
  policies.decide(applyOf({ taken }), ['a', 'b', 'c'].map(conflictAt));
  assert.equal(made, 1);
});

describe('the budget of all conditions of an apply', () => {
  const data = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`k${i}`, 'a']));
  const apply = () => applyOf({ kind: 'ConfigMap', live: { ...object, data } as ContestedApply['live'] });
  const costly = "oldSelf.data.all(a, oldSelf.data.all(b, oldSelf.data.all(c, a != '')))";
  const fields = Array.from({ length: 30 }, (_, i) => conflictAt(`k${i}`));
  const decided = (condition: string) => compilePolicies([policyOf(condition)]).decide(apply(), fields);

  test('is spent once on a condition that is about no one field', () => {
    for (const verdict of decided(costly)) assert.equal(verdict?.decision, 'force', verdict?.reason);
  });

  test('is spent for each field on one that is, and then all fail', () => {
    const verdicts = decided(`path != '' && ${costly}`);
    assert.equal(verdicts[0]?.decision, 'force', verdicts[0]?.reason);
    assert.equal(verdicts.at(-1)?.decision, 'fail');
    assert.match(verdicts.at(-1)?.reason ?? '', /the budget of all conditions is spent/);
  });

  test('is spent by asking, too', () => {
    const many = Array.from({ length: 100_001 }, () => conflictAt('k'));
    const verdicts = compilePolicies([policyOf("path != ''")]).decide(apply(), many);
    assert.equal(verdicts[0]?.decision, 'force');
    assert.match(verdicts.at(-1)?.reason ?? '', /the budget of all conditions is spent/);
  });
});
