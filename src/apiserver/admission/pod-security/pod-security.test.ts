import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { violationsOf } from './checks.ts';
import type { PodLike } from './pod.ts';
import { policyOf, PREFIX, printLevel } from './policy.ts';

const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const context = fc.record(
  {
    allowPrivilegeEscalation: fc.boolean(),
    appArmorProfile: fc.record({ type: fc.constantFrom('RuntimeDefault', 'Localhost', 'Unconfined') }),
    capabilities: fc.record(
      {
        add: fc.array(fc.constantFrom('NET_BIND_SERVICE', 'CHOWN', 'SYS_ADMIN'), { maxLength: 2 }),
        drop: fc.array(fc.constantFrom('ALL', 'CHOWN'), { maxLength: 2 }),
      },
      { requiredKeys: [] },
    ),
    privileged: fc.boolean(),
    procMount: fc.constantFrom('Default', 'Unmasked'),
    runAsNonRoot: fc.boolean(),
    runAsUser: fc.constantFrom(0, 1000),
    seLinuxOptions: fc.record({ type: fc.constantFrom('container_t', 'spc_t'), user: fc.constantFrom('', 'u') }),
    seccompProfile: fc.record({ type: fc.constantFrom('RuntimeDefault', 'Localhost', 'Unconfined') }),
  },
  { requiredKeys: [] },
);
const container = fc.record({
  name: fc.constantFrom('a', 'b', 'c'),
  securityContext: maybe(context),
  ports: maybe(fc.array(fc.record({ hostPort: fc.constantFrom(0, 80) }), { maxLength: 1 })),
});
const pod = fc.record({
  metadata: fc.constant({ name: 'p' }),
  spec: fc.record({
    containers: fc.array(container, { minLength: 1, maxLength: 2 }),
    initContainers: maybe(fc.array(container, { maxLength: 1 })),
    hostNetwork: maybe(fc.boolean()),
    hostUsers: maybe(fc.boolean()),
    securityContext: maybe(context),
    volumes: maybe(
      fc.array(fc.constantFrom({ name: 'v', emptyDir: {} }, { name: 'w', hostPath: {} }, { name: 'n', nfs: {} })),
    ),
  }),
}) as unknown as fc.Arbitrary<PodLike>;
const minor = fc.oneof(fc.integer({ min: 0, max: 40 }), fc.constant(Infinity));

describe('pod security', () => {
  test('what may run as restricted may run as baseline, in every version', () => {
    fc.assert(
      fc.property(pod, minor, (one, version) => {
        const restricted = violationsOf({ level: 'restricted', minor: version }, one);
        const baseline = violationsOf({ level: 'baseline', minor: version }, one);
        if (restricted.length === 0) assert.deepEqual(baseline, []);
      }),
    );
  });

  test('versions to come are as the latest', () => {
    fc.assert(
      fc.property(pod, fc.constantFrom('baseline', 'restricted'), (one, level) => {
        const latest = violationsOf({ level, minor: Infinity }, one);
        assert.deepEqual(violationsOf({ level, minor: 36 }, one), latest);
        assert.deepEqual(violationsOf({ level, minor: 99 }, one), latest);
      }),
    );
  });

  test('nothing is wrong with a privileged pod where all are', () => {
    fc.assert(
      fc.property(
        pod,
        minor,
        (one, version) => violationsOf({ level: 'privileged', minor: version }, one).length === 0,
      ),
    );
  });

  const cases: readonly { name: string; labels: Record<string, string>; policy: string; errors?: readonly string[] }[] =
    [
      {
        name: 'no labels ask for nothing',
        labels: {},
        policy: 'privileged:latest privileged:latest privileged:latest',
      },
      {
        name: 'what is enforced is warned of',
        labels: { enforce: 'baseline', 'enforce-version': 'v1.30' },
        policy: 'baseline:v1.30 privileged:latest baseline:v1.30',
      },
      {
        name: 'the version to warn of is kept where there is one',
        labels: { enforce: 'baseline', 'enforce-version': 'v1.30', 'warn-version': 'v1.20' },
        policy: 'baseline:v1.30 privileged:latest baseline:v1.20',
      },
      {
        name: 'a level to warn of is kept though it is lower',
        labels: { enforce: 'restricted', warn: 'baseline' },
        policy: 'restricted:latest privileged:latest baseline:latest',
      },
      {
        name: 'a level to enforce that is none is the strictest, and not warned of',
        labels: { enforce: 'odd' },
        policy: 'restricted:latest privileged:latest privileged:latest',
        errors: ['must be one of privileged, baseline, restricted'],
      },
      {
        name: 'levels to tell of that are none are nothing',
        labels: { audit: 'odd', warn: '' },
        policy: 'privileged:latest privileged:latest privileged:latest',
        errors: ['must be one of privileged, baseline, restricted', 'must be one of privileged, baseline, restricted'],
      },
      {
        name: 'a version that is none is the latest',
        labels: { enforce: 'baseline', 'enforce-version': 'v1.01', 'audit-version': 'v2.0', 'warn-version': '1.2' },
        policy: 'baseline:latest privileged:latest baseline:latest',
        errors: Array.from({ length: 3 }, () => 'must be "latest" or "v1.x"'),
      },
    ];
  for (const { name, labels, policy, errors = [] } of cases)
    test(name, () => {
      const found = policyOf(Object.fromEntries(Object.entries(labels).map(([key, value]) => [PREFIX + key, value])));
      const { enforce, audit, warn } = found.policy;
      assert.equal([enforce, audit, warn].map(printLevel).join(' '), policy);
      assert.deepEqual(
        found.errors.map(({ message }) => message.replace(/^Invalid value: "[^"]*": /, '')),
        errors,
      );
    });
});
