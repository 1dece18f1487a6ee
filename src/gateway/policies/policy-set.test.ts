import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parseYaml } from 'nekube/apimachinery';
import { PrivateText } from '../model/private-text.ts';
import { type Level, PolicySet } from './policy-set.ts';
import { invalid, type PolicyReferences, type Problem } from './references.ts';
import type { Policy, TargetRef } from './spec.ts';
import { policyOutcomes } from './statuses.ts';

interface PolicyCase {
  readonly name: string;
  readonly client?: readonly Written[];
  readonly backend?: readonly Written[];
  readonly security?: readonly Written[];
  readonly ask?: { readonly kind: 'client' | 'backend' | 'security'; readonly levels: readonly TargetRef[] };
  readonly part?: unknown;
  readonly outcomes?: readonly string[];
}

interface Written {
  readonly name: string;
  readonly created?: string;
  readonly spec: { readonly targetRefs: readonly TargetRef[] };
}

const file = new URL('../../../src/gateway/policies/testdata/policies.yaml', import.meta.url);
const cases = parseYaml(readFileSync(file, 'utf8')) as unknown as readonly PolicyCase[];

const secrets: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  keys: { one: 'first', two: 'second' },
  'same-keys': { one: 'k', two: 'k' },
  windows: { '.htpasswd': `me:{SHA}${'A'.repeat(27)}=\r\n\r\n` },
  passwords: { '.htpasswd': `me:{SHA}${'A'.repeat(27)}=\nyou:$apr1$wrong` },
};

const references: PolicyReferences = {
  backend: ({ name, port }) =>
    name === 'missing' ? missing('Backend', `Service ${name}`) : `service/default/${name}/${port}`,
  hostBackend: ({ name, port, tls }) => `host/${name}/${port}${tls ? '/tls' : ''}`,
  secret: ({ name }) =>
    name in secrets
      ? new Map(Object.entries(secrets[name]!).map(([key, value]) => [key, new PrivateText(value)]))
      : missing('Secret', `Secret ${name}`),
  configMapKey: () => '{"keys":[{"kty":"oct","k":"YQ"}]}',
};

function missing(what: string, name: string): Problem {
  return { ...invalid(`${name} does not exist`), reason: `${what}NotFound` };
}

function policies(written: readonly Written[] = []): readonly Policy<never>[] {
  return written.map(({ name, created, spec }) => {
    const metadata = { name, namespace: 'default', ...(created !== undefined && { creationTimestamp: created }) };
    return { apiVersion: 'gateway.nekube.dev/v1alpha1', kind: 'Policy', metadata, spec } as unknown as Policy<never>;
  });
}

function setOf({ client, backend, security }: PolicyCase, previous?: PolicySet): PolicySet {
  const objects = { client: policies(client), backend: policies(backend), security: policies(security) };
  return new PolicySet(objects, references, previous);
}

function gatewaysOf(target: Level): { group: string; kind: string; namespace: string; name: string }[] | undefined {
  return target.name === 'missing' ? undefined : [{ group: 'g', kind: 'Gateway', namespace: 'default', name: 'shop' }];
}

for (const one of cases) {
  test(one.name, () => {
    const set = setOf(one);
    if (one.ask !== undefined) {
      const levels = one.ask.levels.map((level) => ({ ...level, namespace: 'default' }));
      // as JSON, in which private texts are hidden
      const told: unknown = JSON.parse(JSON.stringify(set[one.ask.kind](levels) ?? null));
      assert.deepEqual(told, one.part ?? null);
    }
    if (one.outcomes !== undefined) {
      const told = policyOutcomes(set.all(), gatewaysOf).map(
        ({ policy, condition }) => `${policy.name} ${condition.status} ${condition.reason} ${condition.message}`,
      );
      assert.deepEqual(told, one.outcomes);
    }
  });
}

test('what did not change is the same object as before', () => {
  const one = cases.find(({ name }) => name.startsWith('a service’s policy') || name.startsWith("a service's policy"))!;
  const objects = { client: [], backend: policies(one.backend), security: [] };
  const levels = one.ask!.levels.map((level) => ({ ...level, namespace: 'default' }));
  const before = new PolicySet(objects, references);
  const part = before.backend(levels);
  const after = new PolicySet({ ...objects, backend: [...objects.backend] }, references, before);
  assert.equal(after.backend(levels), part);
  const changed = new PolicySet({ ...objects, backend: objects.backend.slice(1) }, references, after);
  assert.notEqual(changed.backend(levels), part);
});

test('a policy that targets what leads to no gateway of ours is not told about', () => {
  const set = setOf(cases[0]!);
  assert.deepEqual(
    policyOutcomes(set.all(), () => []),
    [],
  );
});
