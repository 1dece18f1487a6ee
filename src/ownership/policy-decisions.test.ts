import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  API_VERSION,
  compilePolicies,
  type FieldDecision,
  type FieldPolicy,
  type FieldPolicySpec,
  isMalformedDecision,
  parseFieldDecision,
} from 'nekube/fieldpolicy';
import { pathOf } from 'nekube/smd';
import type { FieldConflict } from './field-conflicts.ts';
import { decideByPolicies } from './policy-decisions.ts';

const policy = (name: string, spec: Omit<FieldPolicySpec, 'match'> & { fields: string[] }): FieldPolicy => {
  const { fields, ...rest } = spec;
  const match = { resources: [{ group: 'apps', kinds: ['Deployment'] }], fields };
  return {
    apiVersion: API_VERSION,
    kind: 'FieldPolicy',
    metadata: { name, namespace: 'shop' },
    spec: { match, ...rest },
  };
};

const conflict = (path: string): FieldConflict => ({
  path: pathOf(...path.split('.').slice(1)),
  claim: { manager: 'hpa', operation: 'Update', apiVersion: 'apps/v1', subresource: 'scale', time: undefined },
  live: 10,
  applied: 3,
});

function decision(text: string): FieldDecision {
  const read = parseFieldDecision(text);
  assert.ok(!isMalformedDecision(read));
  return read;
}

async function verdicts(
  policies: FieldPolicy[],
  paths: string[],
  more: { force?: boolean; decisions?: string[] } = {},
) {
  let taken = 0;
  const decide = decideByPolicies({
    policies: compilePolicies(policies),
    decisions: (more.decisions ?? []).map(decision),
    force: more.force ?? false,
    now: () => new Date('2026-01-01T00:00:00Z'),
  });
  const live = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'shop' },
    spec: { replicas: 10 },
  };
  const found = await decide(paths.map(conflict), {
    configuration: live,
    fieldManager: 'ci',
    live,
    taken: async () => {
      taken++;
      return { ...live, spec: { replicas: 3 } };
    },
  });
  return { found, taken };
}

describe('a client decides as the API server does', () => {
  test('policies bind those who force, too; then the caller decides, then force', async () => {
    const policies = [policy('replicas', { fields: ['spec.replicas'], decision: 'Yield' })];
    const { found } = await verdicts(policies, ['.spec.replicas', '.spec.paused', '.spec.minReadySeconds'], {
      force: true,
      decisions: ['share=.spec.paused', 'force=.spec.replicas'],
    });
    assert.deepEqual(found, [
      { decision: 'yield', by: 'policy FieldPolicy shop/replicas' },
      { decision: 'share', by: '--decide share=.spec.paused' },
      { decision: 'force', by: '--force-conflicts' },
    ]);
  });

  test('what nothing is about fails', async () => {
    assert.deepEqual((await verdicts([], ['.spec.replicas'])).found, [{ decision: 'fail' }]);
  });

  test('what a policy asks a person is not taken', async () => {
    const { found } = await verdicts([policy('ask', { fields: ['**'], decision: 'Ask' })], ['.spec.replicas'], {
      force: true,
    });
    assert.equal(found[0]!.decision, 'fail');
    assert.match(found[0]!.reason!, /asks a person/);
  });

  test('what the object would be is found out for a condition that looks at it, and only then', async () => {
    const fewer = policy('fewer', {
      fields: ['**'],
      condition: 'self.spec.replicas < oldSelf.spec.replicas',
      decision: 'Yield',
    });
    const looked = await verdicts([fewer], ['.spec.replicas']);
    assert.deepEqual([looked.found[0]!.decision, looked.taken], ['yield', 1]);
    const others = await verdicts([policy('all', { fields: ['**'], decision: 'Force' })], ['.spec.replicas']);
    assert.deepEqual([others.found[0]!.decision, others.taken], ['force', 0]);
  });
});
