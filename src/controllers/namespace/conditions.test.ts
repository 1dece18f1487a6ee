import assert from 'node:assert/strict';
import { test } from 'node:test';
import { conditionsAfter, type Findings } from './conditions.ts';

const NOW = '2030-01-01T00:00:00Z';
const BEFORE = '2029-12-31T23:59:00Z';
const nothing: Findings = { contentErrors: [], remaining: new Map(), finalizers: new Map() };

/** What the conditions that are True say, by type. */
function wrong(findings: Partial<Findings>): Record<string, string> {
  const conditions = conditionsAfter([], { ...nothing, ...findings }, NOW) ?? [];
  const told = conditions.filter(({ status }) => status === 'True');
  return Object.fromEntries(told.map(({ type, reason, message }) => [type, `${reason}: ${message}`]));
}

const cases: readonly { name: string; findings: Partial<Findings>; expected: Record<string, string> }[] = [
  { name: 'nothing is wrong', findings: {}, expected: {} },
  {
    name: 'what is left is told by resource and group, sorted',
    findings: {
      remaining: new Map([
        ['webs.example.com', 2],
        ['configmaps.', 1],
      ]),
    },
    expected: {
      NamespaceContentRemaining:
        'SomeResourcesRemain: Some resources are remaining: configmaps. has 1 resource instances, webs.example.com has 2 resource instances',
    },
  },
  {
    name: 'finalizers are told by name',
    findings: { finalizers: new Map([['example.com/stay', 3]]) },
    expected: {
      NamespaceFinalizersRemaining:
        'SomeFinalizersRemain: Some content in the namespace has finalizers remaining: example.com/stay in 3 resource instances',
    },
  },
  {
    name: 'failures of content are one condition, sorted',
    findings: { contentErrors: ['b', 'a'] },
    expected: {
      NamespaceDeletionContentFailure: 'ContentDeletionFailed: Failed to delete all resource types, 2 remaining: a, b',
    },
  },
  {
    name: 'a discovery that failed is told',
    findings: { discoveryError: 'no answer' },
    expected: { NamespaceDeletionDiscoveryFailure: 'DiscoveryFailed: no answer' },
  },
];

for (const { name, findings, expected } of cases)
  test(name, () => {
    assert.deepEqual(wrong(findings), expected);
  });

test('the conditions are five, in the order of kube-controller-manager', () => {
  assert.deepEqual(
    conditionsAfter([], nothing, NOW)?.map(({ type }) => type),
    [
      'NamespaceDeletionDiscoveryFailure',
      'NamespaceDeletionGroupVersionParsingFailure',
      'NamespaceDeletionContentFailure',
      'NamespaceContentRemaining',
      'NamespaceFinalizersRemaining',
    ],
  );
});

test('conditions that stay as they are need no write', () => {
  const first = conditionsAfter([], nothing, BEFORE)!;
  assert.equal(conditionsAfter(first, nothing, NOW), undefined);
});

test('the time of a condition is that of its status, not of its message', () => {
  const one = conditionsAfter([], { ...nothing, remaining: new Map([['pods.', 1]]) }, BEFORE)!;
  const two = conditionsAfter(one, { ...nothing, remaining: new Map([['pods.', 2]]) }, NOW)!;
  const three = conditionsAfter(two, nothing, NOW)!;
  const timeIn = (all: typeof one): string | undefined => all[3]!.lastTransitionTime;
  assert.deepEqual([one, two, three].map(timeIn), [BEFORE, BEFORE, NOW]);
  assert.match(two[3]!.message!, /has 2 resource/);
});

test('conditions of others stay', () => {
  const other = { type: 'example.com/Other', status: 'True' };
  assert.deepEqual(conditionsAfter([other], nothing, NOW)![0], other);
});
