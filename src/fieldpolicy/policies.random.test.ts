import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fieldElement } from 'nekube/smd';
import type { ContestedApply, ContestedField } from './contract.ts';
import { decideConflicts } from './decide-conflicts.ts';
import { compilePolicies } from './policy-set.ts';
import { API_VERSION, DECISIONS, type FieldPolicy, type FieldPolicySpec } from './types.ts';

const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(value, { nil: undefined });
const names = fc.subarray(['a', 'b', '*', 'c*'], { minLength: 1 });

const match = fc.record(
  {
    resources: fc.constantFrom(
      [{ group: 'apps', kinds: ['Deployment'] }],
      [{ group: '*', kinds: ['*'] }],
      [{ group: '', kinds: ['Pod'] }],
    ),
    labelSelector: fc.constantFrom({}, { matchLabels: { app: 'web' } }, { matchLabels: { app: 'api' } }),
    fields: fc.subarray(['.spec.a', '.spec.b', '.spec', '**.c', '.*.a'], { minLength: 1 }),
    managers: names,
    otherManagers: fc.array(fc.record({ name: fc.constantFrom('x', 'y', '*') }), { minLength: 1, maxLength: 2 }),
    claimAge: fc.constantFrom({ atLeastSeconds: 50 }, { atMostSeconds: 50 }),
    users: names,
    window: fc.constantFrom({ days: ['Fri' as const] }, { days: ['Mon' as const] }, { from: '11:00', to: '13:00' }),
  },
  { requiredKeys: ['resources'] },
);

/** Such that all are well-formed, and some cannot be evaluated. */
const condition = fc.constantFrom(
  'true',
  'false',
  'self.spec.a > oldSelf.spec.a',
  'self.spec.nothing',
  "path == '.spec.a'",
);

const spec: fc.Arbitrary<FieldPolicySpec> = fc
  .record({
    priority: maybe(fc.integer({ min: -2, max: 2 })),
    match,
    condition: maybe(condition),
    decision: fc.constantFrom(...DECISIONS),
  })
  .map((one) => {
    const lease = one.decision === 'Lease' && { lease: { durationSeconds: 60 } };
    return JSON.parse(JSON.stringify({ ...one, ...lease })) as FieldPolicySpec;
  });

const policies = fc
  .array(fc.tuple(spec, fc.boolean()), { maxLength: 6 })
  .map((specs) => specs.map(([one, cluster], i) => policyOf(`p${i}`, one, cluster)));

function policyOf(name: string, spec: FieldPolicySpec, cluster: boolean): FieldPolicy {
  const kind = cluster ? 'ClusterFieldPolicy' : 'FieldPolicy';
  return { apiVersion: API_VERSION, kind, metadata: { name, ...(!cluster && { namespace: 'shop' }) }, spec };
}

const conflict: fc.Arbitrary<ContestedField> = fc
  .tuple(fc.constantFrom('a', 'b', 'c'), fc.constantFrom('x', 'y'), fc.constantFrom('11:59:30', '11:58:00', undefined))
  .map(([field, manager, time]) => ({
    path: [fieldElement('spec'), fieldElement(field)],
    owner: { manager, operation: 'Update', apiVersion: 'apps/v1', subresource: '' },
    time: time && `2026-11-27T${time}Z`,
  }));

const apply: ContestedApply = {
  group: 'apps',
  kind: 'Deployment',
  namespace: 'shop',
  subresource: '',
  manager: 'a',
  user: { name: 'a', groups: [] },
  live: { metadata: { name: 'web', labels: { app: 'web' } }, spec: { a: 1 } } as unknown as ContestedApply['live'],
  taken: () => ({ metadata: { name: 'web' }, spec: { a: 2 } }) as unknown as ContestedApply['live'],
  now: new Date('2026-11-27T12:00:00Z'),
};

const conflicts = fc.array(conflict, { minLength: 1, maxLength: 4 });
const own = fc.record({ decisions: fc.constant([]), force: fc.boolean() });

test('what is decided does not depend on the order in which policies come', () => {
  fc.assert(
    fc.property(
      policies.chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }))),
      conflicts,
      own,
      ([all, shuffled], fields, mine) => {
        const decided = decideConflicts(compilePolicies(all), apply, fields, mine);
        assert.deepEqual(decideConflicts(compilePolicies(shuffled), apply, fields, mine), decided);
      },
    ),
    { numRuns: 2_000 },
  );
});

test('a policy that is not about a conflict changes nothing', () => {
  fc.assert(
    fc.property(policies, conflicts, own, (all, fields, mine) => {
      const set = compilePolicies(all);
      const used = set
        .explain(apply, fields)
        .map((one) => new Set(one.filter(({ verdict }) => verdict).map((p) => p.policy)));
      for (const [i, field] of fields.entries()) {
        const about = all.filter((p) =>
          used[i]!.has(
            p.kind === 'FieldPolicy' ? `FieldPolicy shop/${p.metadata.name}` : `ClusterFieldPolicy ${p.metadata.name}`,
          ),
        );
        const without = decideConflicts(compilePolicies(about), apply, [field], mine);
        assert.deepEqual(without, decideConflicts(set, apply, [field], mine));
      }
    }),
    { numRuns: 2_000 },
  );
});

test('what explains names the policy that decides', () => {
  fc.assert(
    fc.property(policies, conflicts, (all, fields) => {
      const set = compilePolicies(all);
      const explained = set.explain(apply, fields);
      for (const [i, verdict] of set.decide(apply, fields).entries()) {
        const first = explained[i]!.find(({ decides }) => decides);
        assert.deepEqual(first?.verdict, verdict);
        for (const one of explained[i]!) assert.ok(one.verdict !== undefined || one.because !== '');
      }
      if (fields.some((_, i) => explained[i]!.some(({ decides }) => decides))) assert.ok(set.concerns(apply));
    }),
    { numRuns: 2_000 },
  );
});

test('a policy that cannot be evaluated never decides anything but fail', () => {
  const broken = fc.constantFrom<(spec: FieldPolicySpec) => unknown>(
    (one) => ({ ...one, condition: 'self.spec.nothing > 1' }),
    (one) => ({ ...one, condition: 'nobody' }),
    (one) => ({ ...one, condition: 'path' }),
    (one) => ({ ...one, match: { ...one.match, fields: ['.spec['] } }),
    (one) => ({ ...one, match: { ...one.match, window: { timeZone: 'Mars' } } }),
    (one) => ({
      ...one,
      match: { ...one.match, labelSelector: { matchExpressions: [{ key: '', operator: 'Like' }] } },
    }),
    (one) => ({ ...one, match: { ...one.match, fields: 'spec' } }),
    (one) => ({ ...one, match: null }),
    (one) => ({ ...one, priority: 'high' }),
    () => null,
    () => [],
  );
  fc.assert(
    fc.property(spec, broken, fc.boolean(), conflicts, own, (one, breaks, cluster, fields, mine) => {
      const set = compilePolicies([policyOf('broken', breaks(one) as FieldPolicySpec, cluster)]);
      for (const verdict of set.decide(apply, fields)) {
        if (verdict === undefined) continue;
        assert.equal(verdict.decision, 'fail');
        assert.ok(verdict.reason);
      }
      decideConflicts(set, apply, fields, mine);
    }),
    { numRuns: 2_000 },
  );
});
